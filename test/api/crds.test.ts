/**
 * The CRDs by themselves, without any webhook: they are the floor for when it is away. Every CEL rule has one object that
 * passes and one that does not; a rule without a case fails the last test.
 */
import assert from 'node:assert/strict';
import type { KubernetesObject } from '../../src/api/object.ts';
import { ownKinds } from '../../src/api/resources.ts';
import type { OwnKindName } from '../../src/api/types.generated.ts';
import { readCrds, type Schema } from '../../tools/generate/crds.ts';
import { objectsIn, type Answer, type Objects } from './crds.ts';
import { expectKubectl, getObject, installCrds, kubectl, uniqueNamespace } from './harness.ts';

interface Case {
  /** The beginning of the rule's message. */
  readonly says: string;
  readonly kind?: OwnKindName;
  readonly field: string;
  /** Stored first, for rules about a change; `good` and `bad` are then merge patches of it. */
  readonly before?: object;
  readonly good: object;
  readonly bad: object;
}

const ref = { databaseRef: { name: 'orders' } };
const s3 = { bucket: 'backups', region: 'eu-central-1' };
const inBackup = (destination: object) => ({ backup: { destination } });

const cases: readonly Case[] = [
  {
    says: "engine can't be changed",
    field: 'spec.engine',
    before: { engine: 'mysql' },
    good: { type: 'mysql' },
    bad: { engine: 'mariadb' },
  },
  {
    says: "engine can't be changed",
    field: 'spec.engine',
    before: { type: 'mysql' },
    good: { engine: 'mysql', type: null },
    bad: { engine: null },
  },
  {
    says: 'type is an older spelling',
    field: 'spec.type',
    good: { engine: 'mysql', type: 'mysql' },
    bad: { engine: 'mysql', type: 'redis' },
  },
  {
    says: 'a volume never shrinks',
    field: 'spec.storage.size',
    before: { storage: { size: '10Gi' } },
    good: { storage: { size: 10737418240 } },
    bad: { storage: { size: '10G' } },
  },
  {
    says: 'a volume never shrinks',
    field: 'spec.storage.size',
    before: { size: '10Gi' },
    good: { size: null, storage: { size: '11Gi' } },
    bad: { storage: null },
  },
  {
    says: 'a volume never shrinks',
    kind: 'RedisCluster',
    field: 'spec.storage.size',
    before: { nodes: 3, storage: { size: '10Gi' } },
    good: { storage: { size: '10240Mi' } },
    bad: { storage: { size: '9Gi' } },
  },
  {
    says: "storageClass can't be changed",
    field: 'spec.storage.storageClass',
    before: { storage: { storageClass: 'fast' } },
    good: { storage: { storageClass: 'fast', size: '20Gi' } },
    bad: { storage: { storageClass: null } },
  },
  {
    says: "storageClass can't be changed",
    kind: 'RedisCluster',
    field: 'spec.storage.storageClass',
    before: { nodes: 3, storage: { size: '1Gi' } },
    good: { storage: { storageClass: 'fast' } },
    bad: { storage: { storageClass: 'slow' } },
  },
  {
    says: "databaseName can't be changed",
    field: 'spec.databaseName',
    before: { databaseName: 'a' },
    good: { databaseName: 'a' },
    bad: { databaseName: 'b' },
  },
  {
    says: "username can't be changed",
    field: 'spec.username',
    before: { replicas: 1 },
    good: { username: 'a' },
    bad: { username: null },
  },
  {
    says: "username can't be changed",
    kind: 'DatabaseUser',
    field: 'spec.username',
    before: { ...ref, username: 'a' },
    good: { reclaimPolicy: 'Delete' },
    bad: { username: 'b' },
  },
  {
    says: 'bootstrap is read only when',
    field: 'spec.bootstrap',
    before: { bootstrap: { recovery: { backupRef: { name: 'a' } } } },
    good: { bootstrap: null },
    bad: { bootstrap: { recovery: { backupRef: { name: 'a' } } } },
  },
  ...['size', 'storage.size'].map((field) => ({
    says: 'must be at least 256Mi',
    field: `spec.${field}`,
    good: field === 'size' ? { size: '256Mi' } : { storage: { size: 268435456 } },
    bad: field === 'size' ? { size: '255Mi' } : { storage: { size: 268435455 } },
  })),
  {
    says: 'must be a positive quantity',
    field: 'spec.storage.size',
    good: { storage: { size: '1.5Gi' } },
    bad: { storage: { size: '10 Gi' } },
  },
  {
    says: 'must be a positive quantity',
    field: 'spec.backup.destination.pvc.size',
    good: inBackup({ pvc: { size: '1e9' } }),
    bad: inBackup({ pvc: { size: '10K' } }),
  },
  {
    says: 'must be a positive quantity',
    kind: 'MultiTenantDatabase',
    field: 'spec.tenants[0].config.quota',
    good: { ...ref, tenants: [{ name: 'a', config: { quota: '5Gi' } }] },
    bad: { ...ref, tenants: [{ name: 'a', config: { quota: '0' } }] },
  },
  {
    says: 'must be a quantity that is not negative',
    field: 'spec.resources.requests[cpu]',
    good: { resources: { requests: { cpu: '0' } } },
    bad: { resources: { requests: { cpu: '-1' } } },
  },
  {
    says: 'must be a duration: a number',
    field: 'spec.monitoring.scrapeInterval',
    good: { monitoring: { scrapeInterval: '1m30s' } },
    bad: { monitoring: { scrapeInterval: '30' } },
  },
  {
    says: 'must be a duration such as 30s or 1m30s, or a whole number',
    field: 'spec.config.queryTimeout',
    good: { config: { queryTimeout: '30' } },
    bad: { config: { queryTimeout: 'soon' } },
  },
  {
    says: 'must be an age such as 30d',
    field: 'spec.backup.retention',
    good: { backup: { retention: 7 } },
    bad: { backup: { retention: 0 } },
  },
  {
    says: 'must be an age such as 30d',
    field: 'spec.retention',
    kind: 'DatabaseBackup',
    good: { ...ref, retention: '4w' },
    bad: { ...ref, retention: '30 days' },
  },
  {
    says: 'must be a URL',
    field: 'spec.backup.destination.s3.endpoint',
    good: inBackup({ s3: { bucket: 'backups', endpoint: 'http://minio:9000' } }),
    bad: inBackup({ s3: { bucket: 'backups', endpoint: 'minio:9000' } }),
  },
  {
    says: 'region is required for Amazon S3',
    field: 'spec.backup.destination.s3.region',
    good: inBackup({ s3 }),
    bad: inBackup({ s3: { bucket: 'backups' } }),
  },
  {
    says: 'exactly one of s3 and pvc',
    field: 'spec.backup.destination',
    good: inBackup({ pvc: {} }),
    bad: inBackup({ pvc: {}, s3 }),
  },
  {
    says: 'exactly one of s3 and pvc',
    kind: 'DatabaseBackup',
    field: 'spec.destination',
    good: { ...ref, destination: { s3 } },
    bad: { ...ref, destination: {} },
  },
  {
    says: 'exactly one of backupRef and s3',
    field: 'spec.bootstrap.recovery',
    good: { bootstrap: { recovery: { s3: { ...s3, path: 'orders/1' } } } },
    bad: { bootstrap: { recovery: { targetTime: '2026-05-31T12:00:00Z' } } },
  },
  {
    says: 'at least one of podSelector and namespaceSelector',
    field: 'spec.networkPolicy.clients[0]',
    good: { networkPolicy: { clients: [{ podSelector: {} }] } },
    bad: { networkPolicy: { clients: [{}] } },
  },
  ...(['DatabaseUser', 'DatabaseBackup', 'MultiTenantDatabase'] as const).map((kind) => ({
    says: "databaseRef can't be changed",
    kind,
    field: 'spec.databaseRef',
    before: { databaseRef: { name: 'orders', namespace: 'shop' } },
    good: { databaseRef: { namespace: 'shop' } },
    // Leaving it out may mean the own namespace, written out before: only the webhook knows.
    bad: { databaseRef: { namespace: 'elsewhere' } },
  })),
  {
    says: 'exactly one of preset and grant',
    kind: 'DatabaseUser',
    field: 'spec.privileges[1]',
    good: { ...ref, privileges: [{ preset: 'readonly' }, { grant: ['SELECT'] }] },
    bad: { ...ref, privileges: [{ preset: 'readonly' }, { database: 'x' }] },
  },
  {
    says: 'at most one of table, collection and keyPattern',
    kind: 'DatabaseUser',
    field: 'spec.privileges[0]',
    good: { ...ref, privileges: [{ grant: ['find'], collection: 'c' }] },
    bad: { ...ref, privileges: [{ grant: ['find'], collection: 'c', table: 't' }] },
  },
  {
    says: 'a preset speaks of a whole database',
    kind: 'DatabaseUser',
    field: 'spec.privileges[0]',
    good: { ...ref, privileges: [{ preset: 'owner', schema: 's' }] },
    bad: { ...ref, privileges: [{ preset: 'owner', table: 't' }] },
  },
  {
    says: 'only a password that the operator made is rotated',
    kind: 'DatabaseUser',
    field: 'spec.rotation',
    good: { ...ref, rotation: { interval: '30d' } },
    bad: { ...ref, rotation: { interval: '30d' }, passwordSecret: { name: 'mine' } },
  },
  {
    says: 'timeZone needs a schedule',
    kind: 'DatabaseBackup',
    field: 'spec.timeZone',
    good: { ...ref, timeZone: 'UTC', schedule: '@daily' },
    bad: { ...ref, timeZone: 'UTC' },
  },
  {
    says: "a single backup can't become a schedule",
    kind: 'DatabaseBackup',
    field: 'spec.schedule',
    before: { ...ref, schedule: '@daily' },
    good: { schedule: '@weekly' },
    bad: { schedule: null },
  },
];
const namesSay = ['the name must be at most 45', 'the name must not end in'];

const crds = readCrds(new URL('../../crds/', import.meta.url));
const accepted = (answer: Answer): KubernetesObject => {
  assert.ok('object' in answer, JSON.stringify(answer));
  return answer.object;
};
const refusals = (answer: Answer): readonly string[] => {
  assert.ok('causes' in answer, 'was accepted');
  return answer.causes.map(({ field, message }) => `${field}: ${message}`);
};

describe('the CRDs in a real API server', () => {
  let namespace: string;
  let objects: Objects;

  before(async () => {
    await installCrds();
    namespace = await uniqueNamespace('crds');
    objects = await objectsIn(namespace);
  });

  it('are established, without a complaint about their schemas', async () => {
    for (const { plural, group } of ownKinds) {
      const crd = await getObject<{ status: { conditions: { type: string; status: string }[] } }>(
        'crd',
        undefined,
        `${plural}.${group}`,
      );
      const of = (type: string) => crd?.status.conditions.find((condition) => condition.type === type)?.status;
      assert.equal(of('Established'), 'True', plural);
      assert.equal(of('NamesAccepted'), 'True', plural);
      assert.notEqual(of('NonStructuralSchema'), 'True', plural);
    }
  });

  it('teach in kubectl explain, down to the last field', async () => {
    const text = await expectKubectl(['explain', 'database.spec.backup']);
    assert.match(text, /Make backups\./);
    assert.match(text, /retention[\s\S]*newest good backup is never removed/);
    for (const { plural } of ownKinds) {
      const recursive = await expectKubectl(['explain', plural, '--recursive']);
      assert.doesNotMatch(recursive, /<no description>/);
    }
  });

  it('have short names and the category all', async () => {
    const rows = await expectKubectl(['api-resources', '--api-group=example.com', '--categories=all', '--no-headers']);
    const shorts = rows
      .trim()
      .split('\n')
      .map((row) => row.split(/\s+/)[1]);
    assert.deepEqual(shorts.sort(), ['db', 'dbbackup', 'dbmonitor', 'dbuser', 'mtdb', 'rdc']);
  });

  it('ask for neither engine, version, image nor storage of a Database, and fill in only what is always legal', async () => {
    const { spec } = accepted(await objects.create('Database', { backup: {}, monitoring: {}, networkPolicy: {} }));
    assert.deepEqual(spec, {
      replicas: 1,
      changePolicy: 'Any',
      deletionPolicy: 'Retain',
      deletionProtection: false,
      backup: { enabled: false },
      monitoring: { enabled: false, scrapeInterval: '30s', alerting: false },
      networkPolicy: { enabled: true },
    });
    assert.deepEqual(accepted(await objects.create('RedisCluster', { nodes: 3 }))['spec'], {
      nodes: 3,
      replicasPerNode: 1,
      image: 'redis:8.0',
      deletionPolicy: 'Retain',
      deletionProtection: false,
    });
  });

  it('print the columns that people look for', async () => {
    const database = accepted(
      await objects.create(
        'Database',
        { engine: 'redis', version: '8.0', replicas: 3, storage: { size: '1Gi' } },
        'seen',
      ),
    );
    await objects.client.mergePatch(
      { resource: ownKinds[0]!, namespace, name: database.metadata.name },
      { status: { phase: 'Running', readyReplicas: 2, currentPrimary: 'seen-0' } },
      { subresource: 'status' },
    );
    const table = await expectKubectl(['get', 'db', 'seen', '-n', namespace]);
    const [head = '', row = ''] = table.trim().split('\n');
    assert.deepEqual(head.split(/\s+/), ['NAME', 'ENGINE', 'VERSION', 'REPLICAS', 'READY', 'PHASE', 'AGE']);
    assert.deepEqual(row.split(/\s+/).slice(0, 6), ['seen', 'redis', '8.0', '3', '2', 'Running']);
    const wide = await expectKubectl(['get', 'db', 'seen', '-n', namespace, '-o', 'wide']);
    assert.match(wide, /STORAGE +PRIMARY/);
    assert.match(wide, /1Gi +seen-0/);
  });

  it('scale a Database by its subresource, within the range', async () => {
    accepted(await objects.create('Database', { replicas: 2 }, 'scaled'));
    await expectKubectl(['scale', 'db', 'scaled', '--replicas=5', '-n', namespace]);
    const scaled = await getObject<{ spec: { replicas: number } }>('db', namespace, 'scaled');
    assert.equal(scaled?.spec.replicas, 5);
    const { code, stderr } = await kubectl(['scale', 'db', 'scaled', '--replicas=11', '-n', namespace]);
    assert.notEqual(code, 0);
    assert.match(stderr, /less than or equal to 10/);
  });

  it('keep a status written through spec out, and refuse one of a wrong form', async () => {
    accepted(await objects.create('Database', {}, 'stated'));
    const target = { resource: ownKinds[0]!, namespace, name: 'stated' };
    const patched = await objects.client.mergePatch(target, { status: { phase: 'Running' } });
    assert.equal(patched['status'], undefined);
    await assert.rejects(
      objects.client.mergePatch(target, { status: { phase: 'Sleeping' } }, { subresource: 'status' }),
      /Unsupported value: "Sleeping"/,
    );
  });

  it('refuse a second item of one key', async () => {
    const tenants = [{ name: 'a' }, { name: 'a' }];
    assert.match(refusals(await objects.create('MultiTenantDatabase', { ...ref, tenants })).join(), /Duplicate value/);
  });

  it('hold names to what our children need', async () => {
    for (const { kind } of ownKinds) {
      const spec = kind === 'RedisCluster' ? { nodes: 3 } : kind === 'Database' ? {} : ref;
      accepted(await objects.create(kind as OwnKindName, spec, 'a'.repeat(45)));
      for (const name of ['a'.repeat(46), '1a', 'a.b']) {
        assert.match(
          refusals(await objects.create(kind as OwnKindName, spec, name)).join(),
          /the name must be at most 45/,
        );
      }
    }
    accepted(await objects.create('Database', {}, 'orders-primary-1'));
    for (const name of ['orders-primary', 'a-readonly', 'x-headless']) {
      assert.match(refusals(await objects.create('Database', {}, name)).join(), /the name must not end in/);
    }
  });

  for (const { says, kind = 'Database', field, before: stored, good, bad } of cases) {
    it(`${kind} ${field}: ${says}`, async () => {
      const expected = new RegExp(`^${field.replaceAll(/[[\].]/g, '\\$&')}: .*${says}`, 'm');
      if (stored === undefined) {
        accepted(await objects.create(kind, good));
        assert.match(refusals(await objects.create(kind, bad)).join('\n'), expected);
        return;
      }
      const { name } = accepted(await objects.create(kind, stored)).metadata;
      accepted(await objects.update(kind, name, good));
      assert.match(refusals(await objects.update(kind, name, bad)).join('\n'), expected);
    });
  }

  it('have no CEL rule without such a case', () => {
    const said = [...namesSay, ...cases.map(({ says }) => says)];
    const visit = (schema: Schema, path: string): readonly string[] => [
      ...((schema['x-kubernetes-validations'] ?? []) as { message: string }[])
        .filter(({ message }) => !said.some((text) => message.startsWith(text)))
        .map(({ message }) => `${path}: ${message}`),
      ...Object.entries(schema.properties ?? {}).flatMap(([name, child]) => visit(child, `${path}.${name}`)),
      ...[schema.items, schema.additionalProperties].flatMap((child) => (child ? visit(child, `${path}[]`) : [])),
    ];
    assert.deepEqual(
      crds.flatMap(({ kind, schema }) => visit(schema, kind)),
      [],
    );
  });
});
