/**
 * `validateSchema` against the API server's own check of the same objects. Every fault of ours is one of its causes, word
 * for word up to the remedy, and no field that it refuses goes unsaid.
 */
import assert from 'node:assert/strict';
import type { KubernetesObject } from '../../src/api/object.ts';
import { validateSchema } from '../../src/api/schema.ts';
import type { OwnKindName } from '../../src/api/types.generated.ts';
import { objectsIn, type Objects } from './crds.ts';
import { installCrds, uniqueNamespace } from './harness.ts';

const many = (count: number, item: unknown) => Array.from({ length: count }, () => item);
const ref = { databaseRef: { name: 'orders' } };
const pods = (podTemplate: object) => ({ podTemplate });

const specs: readonly (readonly [OwnKindName, unknown])[] = [
  ['Database', undefined],
  ['Database', 'x'],
  ['Database', []],
  ['Database', { replicas: '3', engine: 'postgres', version: 16, paused: 'yes', databaseName: '' }],
  ['Database', { replicas: 1.5, engine: 5, version: true, deletionProtection: 1 }],
  ['Database', { replicas: 0, version: '', databaseName: 'x'.repeat(65), username: '😀'.repeat(65) }],
  ['Database', { replicas: 1e20, version: 8.1, storage: [], size: 1.5, backup: 'on' }],
  ['Database', { version: 'latest', storage: { size: true, storageClass: 'A B' } }],
  ['Database', { version: '1'.repeat(33), storage: { storageClass: 'a..b', autoGrow: { threshold: 5 } } }],
  [
    'Database',
    { config: { maxConnections: 1.5, parameters: { a: true, 'b.c': null, d: {}, e: 1.1, f: 'x'.repeat(4097) } } },
  ],
  ['Database', { config: { queryTimeout: 30, maxConnections: 0, parameters: [] } }],
  ['Database', pods({ env: [{ name: '1' }, { name: 'a', value: 5 }, { name: 'a' }, { value: 'x' }], tolerations: {} })],
  [
    'Database',
    pods({ nodeSelector: { a: true, b: 'x'.repeat(64) }, tolerations: many(65, {}), imagePullSecrets: 'x' }),
  ],
  ['Database', pods({ terminationGracePeriodSeconds: 0, tolerations: [{ tolerationSeconds: 1.5, operator: 'Same' }] })],
  ['Database', pods({ labels: Object.fromEntries(many(33, 0).map((_, index) => [`k${index}`, 'v'])) })],
  [
    'Database',
    pods({ affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } } } }),
  ],
  ['Database', pods({ topologySpreadConstraints: [{ maxSkew: '1' }, null, []] })],
  ['Database', { bootstrap: {} }],
  ['Database', { bootstrap: { recovery: { targetTime: 5, s3: { bucket: 'B' } } } }],
  ['Database', { bootstrap: { recovery: { targetTime: '2026-02-30T12:00:00Z', backupRef: {} } } }],
  ['Database', { bootstrap: { recovery: { targetTime: '2026-05-31 12:00:00Z' } } }],
  ['Database', { bootstrap: { recovery: { targetTime: '2026-05-31T12:00:60Z' } } }],
  ['Database', { bootstrap: { recovery: { targetTime: '2026-05-31T24:00:00Z' } } }],
  ['Database', { networkPolicy: { clients: [null, 5, {}], enabled: null } }],
  ['Database', { backup: { retention: 1.5, schedule: [1], timeZone: '', destination: { s3: { region: 'x' } } } }],
  ['Database', { resources: { requests: { cpu: true }, limits: 'x' }, replication: { mode: 'SYNC' } }],
  ['DatabaseUser', {}],
  [
    'DatabaseUser',
    {
      ...ref,
      secretNamespaces: ['a', 'a', 'B'],
      privileges: [{ grant: ['A', 'A'], preset: 'x' }, { grant: [] }, null],
    },
  ],
  ['DatabaseUser', { databaseRef: { name: '', namespace: 5 }, passwordSecret: { name: 'a', key: '/' }, rotation: {} }],
  [
    'DatabaseBackup',
    { ...ref, verify: { assertions: [{ name: 'a', query: 'x' }, { name: 'a', query: 'y' }, { query: '' }] } },
  ],
  ['DatabaseMonitor', { ...ref, alerting: 'false', thresholds: { storagePercent: 101, replicationLag: 5 } }],
  ['MultiTenantDatabase', { ...ref, tenants: [{ name: 'A' }, { name: 'b', config: { connectionLimit: -1 } }, {}] }],
  ['RedisCluster', { nodes: 2, replicasPerNode: 6, image: '', config: { a: false } }],
  ['RedisCluster', {}],
];

/** Good at the edges: neither side may refuse them. */
const good: readonly (readonly [OwnKindName, unknown])[] = [
  ['Database', { bootstrap: { recovery: { backupRef: { name: 'a' }, targetTime: '2024-02-29t23:59:59.123+23:59' } } }],
  ['Database', { databaseName: '😀'.repeat(64), replicas: 10, config: { maxConnections: 262143 } }],
  ['Database', { config: { parameters: { 'a/b.c': null, x: 5, __proto: '' } }, size: 9007199254740991 }],
];

/** The API server writes keys of maps with a dot. */
const dotted = (field: string): string => field.replaceAll(/\[(\D[^\]]*)\]/g, '.$1');

describe('the schema check and a real API server', () => {
  let objects: Objects;
  before(async () => {
    await installCrds();
    objects = await objectsIn(await uniqueNamespace('schema'));
  });

  const faultsOf = (kind: OwnKindName, spec: unknown) =>
    validateSchema(kind, {
      apiVersion: 'example.com/v1',
      kind,
      metadata: { name: 'x' },
      ...(spec !== undefined && { spec }),
    } satisfies KubernetesObject);

  for (const [kind, spec] of specs) {
    it(`say the same of ${kind} ${JSON.stringify(spec ?? null).slice(0, 100)}`, async () => {
      const answer = await objects.create(kind, spec);
      assert.ok('causes' in answer, 'the API server accepted it');
      const faults = faultsOf(kind, spec);
      for (const { field, reason, message } of faults) {
        const match = answer.causes.some(
          (cause) => cause.field === dotted(field) && cause.reason === reason && message.startsWith(cause.message),
        );
        assert.ok(match, `${field} ${reason} ${message}\nnot among\n${JSON.stringify(answer.causes, undefined, 1)}`);
      }
      const said = new Set(faults.map(({ field }) => dotted(field)));
      const fields = answer.causes
        .map(({ field }) => field)
        .filter((field) => field !== '<nil>' && !field.startsWith('.'));
      // CEL is the API server's own.
      const bySchema = (field: string) =>
        answer.causes.some(
          (cause) => cause.field === field && !/: must /.test(cause.message.replace(' must be of type', '')),
        );
      assert.deepEqual(
        fields.filter((field) => !said.has(field) && bySchema(field)),
        [],
        JSON.stringify(answer.causes),
      );
    });
  }

  for (const [kind, spec] of good) {
    it(`accept ${kind} ${JSON.stringify(spec).slice(0, 100)}`, async () => {
      assert.deepEqual(faultsOf(kind, spec), []);
      const answer = await objects.create(kind, spec);
      assert.ok('object' in answer, JSON.stringify(answer));
    });
  }
});
