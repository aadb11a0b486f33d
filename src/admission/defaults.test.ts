import assert from 'node:assert/strict';
import fc from 'fast-check';
import { applyPatch } from 'rfc6902';
import type { Operation } from 'rfc6902';
import type { KubernetesObject } from '../api/object.ts';
import { schemaDefaults } from '../api/schema.ts';
import type { OwnKindName } from '../api/types.generated.ts';
import { complete, constantDefaults } from './defaults.ts';
import { getIn, withoutNulls } from './json.ts';
import type { JsonObject } from './json.ts';
import { patchOf, pointer } from './json-patch.ts';
import { database } from './rules/examples.ts';

const kinds: readonly OwnKindName[] = [
  'Database',
  'DatabaseUser',
  'DatabaseBackup',
  'DatabaseMonitor',
  'MultiTenantDatabase',
  'RedisCluster',
];

const specOf = (object: KubernetesObject, oldObject?: KubernetesObject): JsonObject =>
  complete('Database', object, oldObject).object['spec'] as JsonObject;

/** Objects near enough to our kinds that the rows of the table meet them. */
const spelling = fc.record(
  {
    engine: fc.oneof(fc.constantFrom('postgresql', 'mysql', 'nonsense'), fc.jsonValue()),
    type: fc.oneof(fc.constantFrom('postgresql', 'redis'), fc.jsonValue()),
    version: fc.oneof(fc.constantFrom('14.2', '8.0', '16'), fc.jsonValue()),
    image: fc.oneof(fc.constantFrom('postgres:14', 'mysql:8.4', 'x/y@z', 'postgres:latest'), fc.jsonValue()),
    size: fc.oneof(fc.constantFrom('3Gi', '10Gi', 2 ** 53), fc.jsonValue()),
    storage: fc.oneof(fc.record({ size: fc.constantFrom('3Gi', '5Gi') }), fc.constant({}), fc.jsonValue()),
    backup: fc.oneof(fc.constant({}), fc.jsonValue()),
    monitoring: fc.oneof(fc.constant({}), fc.jsonValue()),
    replicas: fc.jsonValue(),
    'a/b~c': fc.jsonValue(),
    ['__proto__']: fc.jsonValue(),
  },
  { requiredKeys: [] },
);
const objects = fc
  .record({ metadata: fc.constant({ name: 'x' }), spec: fc.oneof(spelling, fc.jsonValue()) })
  .map((object) => JSON.parse(JSON.stringify(object)) as JsonObject);

const patched = (object: JsonObject, kind: OwnKindName, oldObject?: JsonObject): unknown => {
  const copy = structuredClone(object);
  const patch = patchOf(object, complete(kind, object, oldObject).assignments);
  const errors = applyPatch(copy, structuredClone(patch) as Operation[]).filter((error) => error !== null);
  assert.deepEqual(errors, []);
  return copy;
};

describe('the table of defaults', () => {
  it('says what the CRDs say, where a CRD can say it', () => {
    const onlyHere = new Set(['spec.storage.size']);
    for (const kind of kinds) {
      const ours = [...constantDefaults(kind)].filter(([path]) => !onlyHere.has(path)).sort();
      const inSchema = [...schemaDefaults(kind)].filter(([path]) => !path.includes('[')).sort();
      assert.deepEqual(ours, inSchema, kind);
    }
  });

  it('adds no empty objects that the user did not write', () => {
    const spec = specOf(database());
    for (const absent of ['backup', 'monitoring', 'replication', 'networkPolicy', 'config', 'resources']) {
      assert.ok(!(absent in spec), absent);
    }
  });

  it('patch-applies-to-any-object: the patched object is the completed one', () => {
    fc.assert(
      fc.property(fc.constantFrom(...kinds), objects, fc.option(objects, { nil: undefined }), (kind, object, old) => {
        const completed = complete(kind, object, old).object;
        assert.deepEqual(withoutNulls(patched(object, kind, old)), withoutNulls(completed));
      }),
      { numRuns: 500 },
    );
  });

  it('patch-idempotent: a second pass finds nothing to do', () => {
    fc.assert(
      fc.property(fc.constantFrom(...kinds), objects, fc.option(objects, { nil: undefined }), (kind, object, old) => {
        const once = complete(kind, object, old).object;
        assert.deepEqual(complete(kind, once, old).assignments, []);
      }),
      { numRuns: 500 },
    );
  });

  it('removes nothing and changes nothing that was written on CREATE', () => {
    fc.assert(
      fc.property(objects, (object) => {
        for (const { path } of complete('Database', object).assignments) {
          const before = getIn(object, path);
          assert.ok(before === undefined || before === null, path.join('.'));
        }
      }),
    );
  });

  it('bigint-preserved, proto-key: what is not ours is never written down again', () => {
    const text =
      '{"metadata":{"name":"x","labels":{"__proto__":"a"}},"spec":{"version":"17","size":9007199254740993,"__proto__":{"polluted":true}}}';
    const object = JSON.parse(text) as JsonObject;
    const { object: completed, assignments } = complete('Database', object);
    const written = JSON.stringify(patchOf(object, assignments));
    assert.doesNotMatch(written, /90071992547|__proto__|polluted/);
    assert.ok(Object.hasOwn(completed['spec'] as object, '__proto__'));
    assert.equal(({} as JsonObject)['polluted'], undefined);
  });
});

describe('JSON Patch', () => {
  it('escapes as RFC 6901 says', () => assert.equal(pointer(['a/b', 'm~n', '~1']), '/a~1b/m~0n/~01'));

  it('creates parents, once', () => {
    const patch = patchOf({}, [
      { path: ['spec', 'storage', 'size'], value: '1Gi' },
      { path: ['spec', 'storage', 'storageClass'], value: 'x' },
    ]);
    assert.deepEqual(
      patch.map(({ op, path }) => `${op} ${path}`),
      ['add /spec', 'add /spec/storage', 'add /spec/storage/size', 'add /spec/storage/storageClass'],
    );
  });

  it('replaces a null parent and an existing value', () => {
    const patch = patchOf({ spec: { storage: null, size: '1Gi' } }, [
      { path: ['spec', 'storage', 'size'], value: '2Gi' },
      { path: ['spec', 'size'], value: '2Gi' },
    ]);
    assert.deepEqual(
      patch.map(({ op, path }) => `${op} ${path}`),
      ['add /spec/storage', 'add /spec/storage/size', 'replace /spec/size'],
    );
  });
});
