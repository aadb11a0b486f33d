/** Every version before this one, against this one: an upgrade of the operator must not be noticed by a database. */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { decide } from '../../src/admission/decide.ts';
import { noFacts } from '../../src/admission/facts.ts';
import { requestFor } from '../../src/admission/testing.ts';
import type { KubernetesObject } from '../../src/api/object.ts';
import { unknownFields, validateSchema } from '../../src/api/schema.ts';
import type { OwnKindName } from '../../src/api/types.generated.ts';
import { notAdditive, type Definition } from './additive.ts';
import { isUnreleased, restartsPodsSince } from './change-log.ts';
import { lasting, type Kept } from './kept.ts';

const root = path.resolve(import.meta.dirname, '../..');
const releases = path.join(root, 'test/fixtures/releases');
const text = (...names: string[]): string => readFileSync(path.join(...names), 'utf8');
const changeLog = text(root, 'CHANGELOG.md');
const now = new Date('2026-11-20T12:00:00Z');

/** A change that every version must let through. */
const edits: Readonly<Record<OwnKindName, Readonly<Record<string, unknown>>>> = {
  Database: { deletionProtection: true },
  DatabaseUser: { reclaimPolicy: 'Retain' },
  DatabaseBackup: { retention: '14d' },
  DatabaseMonitor: { scrapeInterval: '45s' },
  MultiTenantDatabase: { tenants: [{ name: 'added' }] },
  RedisCluster: { config: { 'maxmemory-policy': 'allkeys-lru' } },
};
const edited = (object: KubernetesObject): KubernetesObject => ({
  ...object,
  spec: { ...(object['spec'] as object), ...edits[object.kind as OwnKindName] },
});

describe('the change log', () => {
  const log = '# Log\n\n## 0.2.0 (unreleased)\n\n- x\n- **Restarts pods** of all\n\n## 0.1.0\n\n- y\n';
  it('tells which version is not out yet', () => {
    assert.equal(isUnreleased(log, '0.2.0'), true);
    assert.equal(isUnreleased(log, '0.1.0'), false);
  });
  it('tells whether a later version restarts pods', () => {
    assert.equal(restartsPodsSince(log, '0.1.0'), true);
    assert.equal(restartsPodsSince(log, '0.2.0'), false);
    assert.equal(restartsPodsSince(log, '9.9.9'), false);
  });
});

for (const release of readdirSync(releases)) {
  describe(`after ${release}`, () => {
    for (const file of readdirSync(path.join(releases, release, 'crds'))) {
      it(`${file} only adds`, () => {
        const before = parse(text(releases, release, 'crds', file)) as Definition;
        assert.deepEqual(notAdditive(before, parse(text(root, 'crds', file)) as Definition), []);
      });
    }

    const kept = JSON.parse(text(releases, release, 'objects.json')) as readonly Kept[];
    for (const { name, object, podHash, pod, immutable } of kept) {
      it(`${name} is still whole, and can be edited`, () => {
        assert.deepEqual(validateSchema(object.kind as OwnKindName, object), []);
        assert.deepEqual(unknownFields(object.kind as OwnKindName, object), []);
        const labelled = { ...object, metadata: { ...object.metadata, labels: { edited: 'yes' } } };
        for (const written of [labelled, edited(object)]) {
          const { refusal } = decide(requestFor(written, object), { now, facts: noFacts });
          assert.equal(refusal?.message, undefined);
        }
      });

      if (podHash === undefined || restartsPodsSince(changeLog, release.slice(1))) continue;
      it(`${name} keeps its pods`, () => {
        const current = lasting(object);
        const remedy = `pods of databases made by ${release} would restart: if that is meant, CHANGELOG.md must say **Restarts pods** under a later version; \`npm run release:keep\` is for a version that is not out yet`;
        assert.deepEqual(current.pod, pod, remedy);
        assert.equal(current.podHash, podHash, remedy);
        assert.deepEqual(current.immutable, immutable, 'the API server would refuse the StatefulSet');
      });
    }
  });
}
