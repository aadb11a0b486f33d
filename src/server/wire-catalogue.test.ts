/** docs/testing.md names a test for every promise on the wire: each exists in its file, or the table says why not. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');

const promised = [
  ...['v1-create-allow', 'v1-update-deny-causes', 'v1beta1-echo', 'uid-arbitrary', 'delete-oldobject'],
  ...['namespace-controller-delete', 'scale-subresource', 'generate-name', 'dry-run-no-side-effects'],
  ...['stored-invalid-finalizer-removal', 'patch-applies-to-any-object', 'patch-idempotent', 'bigint-preserved'],
  ...['proto-key', '8mib-413', 'slow-body-cut', 'rule-throws', 'warning-newline-split', 'audit-keys-qualified'],
  ...['kubectl-invalid-output', 'symlink-swap', 'half-written-pair', 'expired-not-ready', 'renew-under-load'],
  ...['min-version', 'client-ca', 'keepalive-90s-race', 'rollout-restart-zero-errors', 'sigterm-quiet-period'],
  ...['second-sigterm', 'all-replicas-down-blast-radius', 'probe-matrix'],
];
const rows = [...read('docs/testing.md').matchAll(/^\| `([\w-]+)` +\| (.+?) +\| (.+?) +\|$/gm)].map(
  ([, name = '', place = '', text = '']) => ({ name, place, text }),
);

describe('the catalogue of the wire in docs/testing.md', () => {
  it('has every promise once', () => {
    assert.deepEqual(rows.map(({ name }) => name).sort(), promised.toSorted());
  });

  for (const { name, place, text } of rows) {
    const file = /^`(.+)`$/.exec(place)?.[1];
    if (file === undefined) {
      it(`${name} (${place}) says why`, () => assert.ok(/^not offered$/.test(place) && text.length > 20));
      continue;
    }
    it(`${name} is in ${file}`, () => {
      const titles = [...read(file).matchAll(/(?:it|describe)\(\s*(['"`])(.*?)\1|\['([^']*)', /g)];
      assert.ok(
        titles.some(([, , title = '', row = '']) => `${title} ${row}`.includes(name)),
        `no test in ${file} has ${name} in its name`,
      );
    });
  }
});
