import assert from 'node:assert/strict';
import type { KubernetesObject } from '../api/object.ts';
import type { Database, DatabaseSpec } from '../api/types.generated.ts';
import type { Engine } from '../engines/engine.ts';
import { postgresql } from '../engines/postgresql/index.ts';
import { desiredObjects, type Context } from './index.ts';
import { podHashAnnotation } from './names.ts';
import type { PodTemplate } from './pod-template.ts';
import { makeCredentials } from './secret.ts';

let seed = 1;
const credentials = makeCredentials((count) =>
  new Uint8Array(count).map(() => (seed = (seed * 48271) % 2147483647) % 256),
);

const database = (spec: DatabaseSpec = {}, name = 'orders'): Database => ({
  apiVersion: 'example.com/v1',
  kind: 'Database',
  metadata: { name, namespace: 'shop', uid: 'u' },
  spec: { engine: 'postgresql', version: '17', replicas: 1, storage: { size: '5Gi' }, ...spec },
});

const objectsOf = (spec?: DatabaseSpec, context: Partial<Context> = {}, name?: string): readonly KubernetesObject[] =>
  desiredObjects(database(spec, name), postgresql, {
    ownerUid: 'u',
    credentials,
    agentImage: 'agent:1',
    ...context,
  }).objects.map(({ object }) => object);

const find = (objects: readonly KubernetesObject[], kind: string, name: string): KubernetesObject => {
  const found = objects.find((object) => object.kind === kind && object.metadata.name === name);
  assert.ok(found, `no ${kind} ${name}`);
  return found;
};

interface SetSpec {
  readonly replicas: number;
  readonly template: PodTemplate;
  readonly volumeClaimTemplates: readonly { readonly spec: { readonly resources: unknown } }[];
}
const setOf = (spec?: DatabaseSpec, context?: Partial<Context>): SetSpec =>
  find(objectsOf(spec, context), 'StatefulSet', 'orders')['spec'] as SetSpec;
const hashOf = (spec?: DatabaseSpec): string => setOf(spec).template.metadata.annotations[podHashAnnotation] ?? '';

describe('what a Database becomes', () => {
  it('has the fixed names, dependants after what they depend on', () => {
    const names = objectsOf({ backup: { enabled: true }, monitoring: { enabled: true } }).map(
      ({ kind, metadata }) => `${kind} ${metadata.name}`,
    );
    assert.deepEqual(names, [
      'ServiceAccount orders',
      'Secret orders-internal',
      'Secret orders-secret',
      'ConfigMap orders-config',
      'ConfigMap orders-scripts',
      'ConfigMap orders-topology',
      'Service orders-headless',
      'Service orders',
      'Service orders-primary',
      'Service orders-readonly',
      'PodDisruptionBudget orders',
      'NetworkPolicy orders',
      'StatefulSet orders',
      'PersistentVolumeClaim orders-backup-pvc',
      'CronJob orders-backup',
      'ServiceMonitor orders-monitor',
    ]);
  });

  it('is nothing for an engine that has no runtime', () => {
    const engine = Object.fromEntries(
      Object.entries(postgresql).filter(([key]) => key !== 'runtime'),
    ) as unknown as Engine;
    assert.deepEqual(desiredObjects(database(), engine, { ownerUid: 'u', credentials }).objects, []);
  });

  it('leaves out what is not asked for', () => {
    const kinds = objectsOf({ networkPolicy: { enabled: false } }, {}).map(({ kind }) => kind);
    for (const kind of ['NetworkPolicy', 'CronJob', 'PersistentVolumeClaim', 'ServiceMonitor']) {
      assert.ok(!kinds.includes(kind), kind);
    }
    const bucket = objectsOf({ backup: { enabled: true, destination: { s3: { bucket: 'b' } } } });
    assert.ok(!bucket.some(({ kind }) => kind === 'PersistentVolumeClaim'), 'a bucket needs no volume');
    const { objects } = desiredObjects(database({ backup: { enabled: true } }), postgresql, { ownerUid: 'u' });
    assert.ok(!objects.some(({ object }) => object.kind === 'CronJob'), 'nobody could make the backups');
  });

  it('has the labels that tools rely on, and a selector without anything that changes', () => {
    for (const object of objectsOf({ backup: { enabled: true } })) {
      const labels = object.metadata.labels ?? {};
      assert.equal(labels['app'], 'orders');
      assert.equal(labels['engine'], 'postgresql');
      assert.equal(labels['version'], '17');
      assert.equal(labels['app.kubernetes.io/managed-by'], 'database-operator');
      assert.equal(labels['database.example.com/name'], 'orders');
    }
    const one = find(objectsOf(), 'StatefulSet', 'orders')['spec'] as {
      selector: unknown;
      volumeClaimTemplates: unknown;
    };
    const other = find(objectsOf({ version: '18', replicas: 3 }), 'StatefulSet', 'orders')['spec'] as typeof one;
    assert.deepEqual(one.selector, other.selector);
    assert.deepEqual(one.volumeClaimTemplates, other.volumeClaimTemplates);
  });

  it('is owned by the Database, volumes and credentials only under Delete', () => {
    const lasting = (deletionPolicy: 'Retain' | 'Snapshot' | 'Delete'): string[] =>
      objectsOf({ deletionPolicy, backup: { enabled: true } })
        .filter(({ metadata }) => metadata.ownerReferences === undefined)
        .map(({ metadata }) => metadata.name);
    assert.deepEqual(lasting('Retain'), ['orders-internal', 'orders-secret', 'orders-backup-pvc']);
    assert.deepEqual(lasting('Snapshot'), ['orders-internal', 'orders-secret', 'orders-backup-pvc']);
    assert.deepEqual(lasting('Delete'), []);
  });

  it('never lets the StatefulSet’s own controller delete a claim', () => {
    const spec = find(objectsOf({ deletionPolicy: 'Delete' }), 'StatefulSet', 'orders')['spec'] as Record<
      string,
      unknown
    >;
    assert.deepEqual(spec['persistentVolumeClaimRetentionPolicy'], { whenDeleted: 'Retain', whenScaled: 'Retain' });
  });

  it('restarts nobody for scaling, reloadable settings, backups, clients or growth', () => {
    const hash = hashOf();
    for (const spec of [
      { replicas: 3 },
      { hibernate: true },
      { backup: { enabled: true } },
      { storage: { size: '50Gi' } },
      { networkPolicy: { clients: [{ podSelector: {} }] } },
      { config: { queryTimeout: '30s', parameters: { work_mem: '8MB' } } },
      { replicas: 3, replication: { mode: 'sync' } },
      { deletionProtection: true },
    ] satisfies DatabaseSpec[]) {
      assert.equal(hashOf(spec), hash, JSON.stringify(spec));
    }
  });

  it('asks for a restart where a running pod can’t take a change over', () => {
    const hashes = (
      [
        {},
        { version: '17.5' },
        { config: { maxConnections: 200 } },
        { config: { parameters: { shared_preload_libraries: 'pg_stat_statements' } } },
        { resources: { limits: { memory: '1Gi' } } },
        { podTemplate: { labels: { team: 'a' } } },
        { podTemplate: { env: [{ name: 'TZ', value: 'UTC' }] } },
        { monitoring: { enabled: true } },
        { tls: { certificateSecret: 'c' } },
      ] satisfies DatabaseSpec[]
    ).map(hashOf);
    assert.equal(new Set(hashes).size, hashes.length);
  });

  it('makes a lone pod primary by its template, and leaves the role of several to the operator', () => {
    assert.equal(setOf().template.metadata.labels['role'], 'primary');
    assert.equal(setOf({ replicas: 2 }).template.metadata.labels['role'], undefined);
    assert.equal(
      setOf({ replicas: 2, podTemplate: { labels: { role: 'primary' } } }).template.metadata.labels['role'],
      undefined,
    );
  });

  it('lets knobs add to the pod but not take over what is the operator’s', () => {
    const { template } = setOf({
      podTemplate: {
        labels: { app: 'stolen', team: 'payments' },
        annotations: { [podHashAnnotation]: 'stolen' },
        env: [
          { name: 'PGDATA', value: '/stolen' },
          { name: 'TZ', value: 'UTC' },
          { name: 'TZ', value: 'Europe/Berlin' },
        ],
      },
    });
    assert.equal(template.metadata.labels['app'], 'orders');
    assert.equal(template.metadata.labels['team'], 'payments');
    assert.ok(!JSON.stringify(template).includes('stolen'));
    const [container] = template.spec['containers'] as { env: { name: string; value?: string }[] }[];
    const names = container?.env.map(({ name }) => name) ?? [];
    assert.equal(new Set(names).size, names.length, 'a name that stands twice is refused by server-side apply');
    assert.equal(container?.env.find(({ name }) => name === 'TZ')?.value, 'Europe/Berlin');
  });

  it('hibernates to no pods and no new backups', () => {
    assert.equal(setOf({ hibernate: true, replicas: 3 }).replicas, 0);
    const cron = find(objectsOf({ hibernate: true, backup: { enabled: true } }), 'CronJob', 'orders-backup');
    assert.equal((cron['spec'] as { suspend: boolean }).suspend, true);
  });

  it('keeps the size of an existing claim template', () => {
    const { volumeClaimTemplates } = setOf({ storage: { size: '50Gi' } }, { claimSize: '5Gi' });
    assert.deepEqual(volumeClaimTemplates[0]?.spec.resources, { requests: { storage: '5Gi' } });
  });

  it('records the decision that it is given', () => {
    const data = (context: Partial<Context>): unknown =>
      find(objectsOf({ replicas: 2 }, context), 'ConfigMap', 'orders-topology')['data'];
    const members = 'orders-0 orders-1';
    assert.deepEqual(data({}), { primary: 'orders-0', term: '1', members, initialized: 'false', reseed: '' });
    const reseed = { 'orders-0': 'abc', 'orders-7': 'gone' };
    assert.deepEqual(data({ primary: 'orders-1', term: 7, initialized: true, reseed }), {
      primary: 'orders-1',
      term: '7',
      members,
      initialized: 'true',
      reseed: 'orders-0=abc',
    });
  });

  it('lets every pod of the namespace in when no client is declared, else only those', () => {
    const from = (networkPolicy?: DatabaseSpec['networkPolicy']): unknown => {
      const spec = find(objectsOf(networkPolicy && { networkPolicy }), 'NetworkPolicy', 'orders')['spec'] as {
        ingress: { from: unknown[] }[];
      };
      return spec.ingress[0]?.from;
    };
    assert.deepEqual(from(), [{ podSelector: {} }]);
    assert.deepEqual(from({ clients: [] }), [{ podSelector: {} }]);
    const client = { podSelector: { matchLabels: { app: 'api' } } };
    assert.deepEqual(from({ clients: [client] }), [client]);
  });

  it('fits names of 45 characters into what Kubernetes allows', () => {
    const name = 'a'.repeat(45);
    for (const { kind, metadata } of objectsOf({ backup: { enabled: true } }, {}, name)) {
      assert.ok(metadata.name.length <= (kind === 'CronJob' ? 52 : 63), metadata.name);
    }
  });

  it('is the same for the same spec, however its keys are ordered', () => {
    const a = objectsOf({ config: { parameters: { jit: 'off', work_mem: '8MB' } }, replicas: 2 });
    const b = objectsOf({ replicas: 2, config: { parameters: { work_mem: '8MB', jit: 'off' } } });
    assert.equal(JSON.stringify(a), JSON.stringify(b));
  });
});

describe('restricted pod security', () => {
  it('holds for servers, exporter and backups', () => {
    const objects = objectsOf({ backup: { enabled: true }, monitoring: { enabled: true } });
    const cron = find(objects, 'CronJob', 'orders-backup')['spec'] as {
      jobTemplate: { spec: { template: PodTemplate } };
    };
    const server = find(objects, 'StatefulSet', 'orders')['spec'] as SetSpec;
    for (const { spec } of [server.template, cron.jobTemplate.spec.template]) {
      const pod = spec['securityContext'] as Record<string, unknown>;
      assert.equal(pod['runAsNonRoot'], true);
      assert.deepEqual(pod['seccompProfile'], { type: 'RuntimeDefault' });
      assert.equal(spec['automountServiceAccountToken'], false);
      assert.equal(spec['enableServiceLinks'], false);
      for (const container of spec['containers'] as { securityContext: unknown }[]) {
        assert.deepEqual(container.securityContext, {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
      }
    }
  });
});
