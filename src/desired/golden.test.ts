import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parse, stringify } from 'yaml';
import type { KubernetesObject } from '../api/object.ts';
import type { Database } from '../api/types.generated.ts';
import { engineByName } from '../engines/index.ts';
import { desiredObjects } from './index.ts';
import { makeCredentials } from './secret.ts';

const folder = path.join(import.meta.dirname, 'golden');
const cases = readdirSync(folder)
  .filter((file) => file.endsWith('.in.yaml'))
  .map((file) => file.replace('.in.yaml', ''));

/** Of no worth as secrets: every password is the same. */
const credentials = makeCredentials((count) => new Uint8Array(count).fill(105));

/** The scripts are the same for every Database of an engine: they stand in one golden only. */
const shown = (name: string, object: KubernetesObject): KubernetesObject =>
  object.metadata.name.endsWith('-scripts') && name !== 'minimal' && engineByName(name) === undefined
    ? { ...object, data: 'as in minimal.yaml' }
    : object;

function render(name: string): string {
  const database = parse(readFileSync(path.join(folder, `${name}.in.yaml`), 'utf8')) as Database;
  const engine = engineByName(database.spec.engine ?? '');
  assert.ok(engine, `${name}.in.yaml names no engine`);
  const context = { ownerUid: database.metadata.uid ?? '', credentials, agentImage: 'database-operator:v0.1.0' };
  const { objects } = desiredObjects(database, engine, context);
  return objects
    .map(({ object, ownership, optional }) => {
      const notes = [ownership === 'createOnce' ? '# created once' : '', optional ? '# optional' : ''].filter(Boolean);
      return ['---', ...notes, stringify(shown(name, object), { lineWidth: 0, aliasDuplicateObjects: false })].join(
        '\n',
      );
    })
    .join('');
}

describe('desired objects', () => {
  for (const name of cases) {
    it(`are those of golden/${name}.yaml, byte for byte`, () => {
      const file = path.join(folder, `${name}.yaml`);
      const rendered = render(name);
      if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, rendered);
      assert.equal(rendered, readFileSync(file, 'utf8'), `${name}.yaml differs: UPDATE_GOLDEN=1 writes it anew`);
      assert.equal(render(name), rendered, 'a second run gives other bytes');
    });
  }
});
