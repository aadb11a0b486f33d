import assert from 'node:assert/strict';
import { noFacts } from '../../admission/facts.ts';
import type { KubernetesObject } from '../../api/object.ts';
import * as resources from '../../api/resources.ts';
import type { Database, DatabaseSpec, DatabaseStatus } from '../../api/types.generated.ts';
import type { Engine } from '../../engines/engine.ts';
import { engineByName } from '../../engines/index.ts';
import type { Entry } from '../../planning/observed.ts';
import { nothingStuck } from '../../status/stuck.ts';
import { decide } from './decide.ts';
import type { DecideContext, Decision, Observation } from './observation.ts';

const finalizer = 'database.example.com/finalizer';
const context: DecideContext = {
  now: new Date('2026-01-05T12:00:00Z'),
  facts: noFacts,
  randomBytes: (count) => new Uint8Array(count).fill(7),
  engineByName,
  isApplied: () => false,
  agentImage: 'agent:1',
};

const database = (spec: DatabaseSpec = {}, metadata: object = {}, status?: DatabaseStatus): Database => ({
  apiVersion: 'example.com/v1',
  kind: 'Database',
  metadata: {
    name: 'orders',
    namespace: 'shop',
    uid: 'u1',
    resourceVersion: '5',
    generation: 1,
    finalizers: [finalizer],
    ...metadata,
  },
  spec: { engine: 'postgresql', version: '17', ...spec },
  ...(status !== undefined && { status }),
});
const observe = (stored: Database, partial: Partial<Observation> = {}): Observation => ({
  stored,
  children: [],
  pods: [],
  claims: [],
  jobs: [],
  backupPods: [],
  recovery: undefined,
  reports: new Map(),
  volumes: new Map(),
  namespaceEnding: false,
  serviceMonitors: true,
  prometheusRules: true,
  stuck: nothingStuck,
  ...partial,
});
const labels = {
  'app.kubernetes.io/managed-by': 'database-operator',
  'database.example.com/name': 'orders',
  engine: 'postgresql',
};
const object = (kind: string, name: string, more: object = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, namespace: 'shop', uid: `uid-${name}`, labels },
  ...more,
});
const claim = (name = 'data-orders-0', more: object = {}): KubernetesObject =>
  object('PersistentVolumeClaim', name, {
    spec: { volumeName: `pv-${name}`, resources: { requests: { storage: '10Gi' } } },
    ...more,
  });
const encode = (text: string): string => Buffer.from(text).toString('base64');
const internal = object('Secret', 'orders-internal', {
  data: Object.fromEntries(
    ['password', 'superuser-password', 'replication-password', 'monitor-password'].map((key) => [
      key,
      encode(`old-${key}`),
    ]),
  ),
});
const entry = (kind: keyof typeof resources, one: KubernetesObject): Entry => ({
  resource: resources[kind] as Entry['resource'],
  object: one,
});
const reason = (decision: Decision, type = 'Ready'): string | undefined =>
  decision.status?.conditions?.find((one) => one.type === type)?.reason;
const steps = (decision: Decision): string[] =>
  decision.steps.map(({ action, ref }) => `${action} ${ref.resource.kind} ${ref.name}`);

describe('decide', () => {
  it('puts the finalizer on before anything is made', () => {
    const decision = decide(observe(database({}, { finalizers: [] })), context);
    assert.deepEqual(decision, { finalizer: 'add', steps: [], events: [] });
  });

  it('records the primary before the first step', () => {
    const decision = decide(observe(database()), context);
    assert.deepEqual(decision.record, { currentPrimary: 'orders-0', primaryTerm: 1 });
    assert.ok(steps(decision).includes('apply StatefulSet orders'));
    assert.ok(decision.events.some((event) => event.reason === 'CredentialsMade'));
    const later = decide(observe(database({}, {}, { currentPrimary: 'orders-1', primaryTerm: 4 })), context);
    assert.equal(later.record, undefined);
    const topology = later.steps.find(({ ref }) => ref.name === 'orders-topology');
    assert.ok(topology?.action === 'apply');
    assert.deepEqual((topology.object['data'] as { primary: string; term: string }).primary, 'orders-1');
  });

  it('tells what pods wait for, and looks again by itself', () => {
    const need = {
      field: 'spec.tls.certificateSecret',
      resource: resources.Secret,
      name: 'orders-tls',
      holdsUp: 'containers',
    } as const;
    const stuck = { ...nothingStuck, missing: [{ need, pods: ['orders-0'] }], lookAgainSeconds: 10 };
    for (const spec of [{}, { paused: true }]) {
      const decision = decide(observe(database(spec), { stuck }), context);
      assert.equal(decision.requeueAfterSeconds, 10);
      assert.equal(decision.status?.diagnosis?.[0]?.cause, 'A Secret does not exist');
      assert.equal(reason(decision, 'Degraded'), 'Diagnosed');
    }
    assert.equal(decide(observe(database()), context).requeueAfterSeconds, undefined);
  });

  it('completes a spec that the webhook did not see', () => {
    const decision = decide(observe({ ...database(), spec: { image: 'postgres:16' } }), context);
    assert.ok(steps(decision).includes('apply StatefulSet orders'));
  });

  it('acts on nothing that is invalid, and tells the fields', () => {
    const decision = decide(observe(database({ replicas: 99 })), context);
    assert.deepEqual(decision.steps, []);
    assert.equal(reason(decision, 'AdmissionValid'), 'Invalid');
    assert.match(JSON.stringify(decision.status), /spec\.replicas/);
    assert.ok(decision.events.some((event) => event.type === 'Warning' && event.reason === 'Invalid'));
  });

  it('only reports on an engine that it can’t run, without a finalizer', () => {
    const withoutRuntime = (name: string): Engine | undefined => {
      const engine = engineByName(name);
      return (
        engine && (Object.fromEntries(Object.entries(engine).filter(([key]) => key !== 'runtime')) as unknown as Engine)
      );
    };
    const decision = decide(observe(database({ engine: 'redis', version: '8.0' }, { finalizers: [] })), {
      ...context,
      engineByName: withoutRuntime,
    });
    assert.deepEqual([decision.steps, decision.finalizer], [[], undefined]);
    assert.equal(reason(decision), 'EngineNotSupported');
  });

  it('only reports on a paused Database', () => {
    const decision = decide(observe(database({ paused: true, replicas: 99 })), context);
    assert.deepEqual([decision.steps, decision.finalizer, decision.record], [[], undefined, undefined]);
    assert.equal(reason(decision, 'Paused'), 'SpecPaused');
  });

  it('starts nothing while a name is taken, and goes on with the rest of what runs', () => {
    const theirs = entry('Service', {
      ...object('Service', 'orders-primary'),
      metadata: { name: 'orders-primary', namespace: 'shop', uid: 'x' },
    });
    const first = decide(observe(database(), { children: [theirs] }), context);
    assert.deepEqual(first.steps, []);
    assert.equal(reason(first), 'NameConflict');
    assert.ok((first.requeueAfterSeconds ?? 0) > 0);
    const owned = {
      ownerReferences: [
        { apiVersion: 'example.com/v1', kind: 'Database', name: 'orders', uid: 'u1', controller: true },
      ],
    };
    const set = object('StatefulSet', 'orders', { spec: { replicas: 1, volumeClaimTemplates: [] } });
    const runs = entry('StatefulSet', { ...set, metadata: { ...set.metadata, ...owned } });
    const second = decide(observe(database(), { children: [theirs, runs, entry('Secret', internal)] }), context);
    assert.ok(steps(second).includes('apply Service orders-readonly'));
    assert.ok(!steps(second).some((step) => step.endsWith('Service orders-primary')));
  });

  it('waits, without alarm, for what a deleted namesake leaves', () => {
    const ownerReferences = [
      { apiVersion: 'example.com/v1', kind: 'Database', name: 'orders', uid: 'u0', controller: true },
    ];
    const old = object('Service', 'orders-primary');
    const decision = decide(
      observe(database(), { children: [entry('Service', { ...old, metadata: { ...old.metadata, ownerReferences } })] }),
      context,
    );
    assert.equal(reason(decision), 'WaitingForDeletion');
    assert.deepEqual([decision.steps, decision.events], [[], []]);
    assert.equal(decision.status?.phase, 'Pending');
  });

  it('never makes passwords anew over existing volumes', () => {
    const decision = decide(observe(database(), { claims: [claim()] }), context);
    assert.equal(reason(decision), 'CredentialsLost');
    assert.deepEqual(decision.steps, []);
  });

  it('restores the application’s Secret with the old password', () => {
    const decision = decide(observe(database(), { claims: [claim()], children: [entry('Secret', internal)] }), context);
    const step = decision.steps.find(({ ref }) => ref.name === 'orders-secret');
    assert.ok(step?.action === 'create');
    assert.equal((step.object['data'] as { password: string }).password, encode('old-password'));
    assert.ok(decision.events.some((event) => event.reason === 'CredentialsRestored'));
    assert.ok(decision.events.some((event) => event.reason === 'VolumesFound'));
  });

  it('does not start on a volume of another engine', () => {
    const other = claim('data-orders-0');
    const claims = [{ ...other, metadata: { ...other.metadata, labels: { ...labels, engine: 'mysql' } } }];
    const decision = decide(observe(database(), { claims, children: [entry('Secret', internal)] }), context);
    assert.equal(reason(decision), 'VolumeMismatch');
    assert.deepEqual(decision.steps, []);
  });

  it('leaves out the ServiceMonitor where the kind is missing', () => {
    const decision = decide(observe(database({ monitoring: { enabled: true } }), { serviceMonitors: false }), context);
    assert.ok(!steps(decision).some((step) => step.includes('ServiceMonitor')));
    assert.equal(reason(decision, 'MonitorReady'), 'ServiceMonitorNotInstalled');
  });

  it('puts no password into status or Events', () => {
    const decision = decide(observe(database(), { children: [entry('Secret', internal)], claims: [claim()] }), context);
    const said = JSON.stringify([decision.status, decision.events]);
    assert.ok(!said.includes('old-') && !said.includes(encode('old-password')));
  });
});

describe('deciding about a deletion', () => {
  const deleted = (spec: DatabaseSpec = {}): Database =>
    database(
      { backup: { enabled: true }, ...spec },
      { deletionTimestamp: '2026-01-05T11:59:00Z' },
      { currentPrimary: 'orders-0' },
    );
  const set = (): Entry => {
    const ownerReferences = [
      { apiVersion: 'example.com/v1', kind: 'Database', name: 'orders', uid: 'u1', controller: true },
    ];
    const one = object('StatefulSet', 'orders', { spec: { volumeClaimTemplates: [] } });
    return entry('StatefulSet', { ...one, metadata: { ...one.metadata, ownerReferences } });
  };
  const ready = object('Pod', 'orders-0', { status: { conditions: [{ type: 'Ready', status: 'True' }] } });
  const backups = claim('orders-backup-pvc');
  const living = {
    children: [
      set(),
      entry('Secret', internal),
      entry('PersistentVolumeClaim', backups),
      entry('PersistentVolumeClaim', claim()),
    ],
    claims: [claim()],
    pods: [ready],
  };
  const job = (type?: string): KubernetesObject => ({
    ...object(
      'Job',
      'orders-final-backup',
      type === undefined ? {} : { status: { conditions: [{ type, status: 'True' }] } },
    ),
    metadata: { name: 'orders-final-backup', creationTimestamp: '2026-01-05T11:59:30Z' },
  });

  it('does nothing once its finalizer is gone', () => {
    const decision = decide(observe(database({}, { deletionTimestamp: 'x', finalizers: ['other'] })), context);
    assert.deepEqual(decision, { steps: [], events: [] });
  });

  it('keeps volumes and Secrets under Retain, and frees them of owners', () => {
    const ownerReferences = [
      { apiVersion: 'example.com/v1', kind: 'Database', name: 'orders', uid: 'u1', controller: true },
    ];
    const owned = { ...internal, metadata: { ...internal.metadata, ownerReferences } };
    const decision = decide(observe(deleted(), { ...living, children: [set(), entry('Secret', owned)] }), context);
    assert.equal(decision.finalizer, 'remove');
    assert.deepEqual(steps(decision), ['patch Secret orders-internal']);
    assert.equal(decision.events[0]?.reason, 'VolumesKept');
  });

  it('under Delete ends the servers first, and only then the data, by uid', () => {
    const first = decide(observe(deleted({ deletionPolicy: 'Delete' }), living), context);
    assert.deepEqual([steps(first), first.finalizer], [['delete StatefulSet orders'], undefined]);
    const second = decide(
      observe(deleted({ deletionPolicy: 'Delete' }), { ...living, children: living.children.slice(1) }),
      context,
    );
    assert.deepEqual(steps(second), [
      'delete Secret orders-internal',
      'delete PersistentVolumeClaim orders-backup-pvc',
      'delete PersistentVolumeClaim data-orders-0',
    ]);
    assert.ok(second.steps.every((step) => step.action === 'delete' && step.uid !== '' && step.impact === 'data-loss'));
    assert.equal(second.finalizer, 'remove');
  });

  it('under Delete leaves claims alone that carry no label of ours', () => {
    const theirs = { ...claim('data-orders-1'), metadata: { name: 'data-orders-1', namespace: 'shop', uid: 'x' } };
    const decision = decide(
      observe(deleted({ deletionPolicy: 'Delete' }), { children: [entry('PersistentVolumeClaim', theirs)] }),
      context,
    );
    assert.deepEqual(steps(decision), []);
  });

  it('under Snapshot makes a last backup, and then keeps that backup alone', () => {
    const first = decide(observe(deleted({ deletionPolicy: 'Snapshot' }), living), context);
    assert.deepEqual(steps(first), ['create Job orders-final-backup']);
    const waits = decide(observe(deleted({ deletionPolicy: 'Snapshot' }), { ...living, jobs: [job()] }), context);
    assert.deepEqual([waits.steps, waits.finalizer], [[], undefined]);
    const done = { ...living, children: living.children.slice(1), jobs: [job('Complete')] };
    const last = decide(observe(deleted({ deletionPolicy: 'Snapshot' }), done), context);
    assert.deepEqual(steps(last), ['delete Secret orders-internal', 'delete PersistentVolumeClaim data-orders-0']);
  });

  const impossible: [string, Database, Partial<Observation>, string][] = [
    ['it failed', deleted({ deletionPolicy: 'Snapshot' }), { ...living, jobs: [job('Failed')] }, 'FinalBackupFailed'],
    [
      'there is nowhere to put it',
      deleted({ deletionPolicy: 'Snapshot', backup: { enabled: false } }),
      living,
      'SnapshotNotPossible',
    ],
    [
      'the primary does not answer',
      deleted({ deletionPolicy: 'Snapshot' }),
      { ...living, pods: [] },
      'SnapshotNotPossible',
    ],
    [
      'the database hibernates',
      deleted({ deletionPolicy: 'Snapshot', hibernate: true }),
      living,
      'SnapshotNotPossible',
    ],
  ];
  for (const [title, stored, partial, event] of impossible) {
    it(`keeps the volumes when a last backup can’t be made because ${title}`, () => {
      const decision = decide(observe(stored, partial), context);
      assert.equal(decision.finalizer, 'remove');
      assert.ok(decision.steps.every(({ action }) => action !== 'delete'));
      assert.deepEqual(
        decision.events.map(({ reason, type }) => [reason, type]),
        [[event, 'Warning']],
      );
    });
  }

  it('gives up on a last backup that hangs', () => {
    const now = new Date('2026-01-05T18:30:00Z');
    const decision = decide(observe(deleted({ deletionPolicy: 'Snapshot' }), { ...living, jobs: [job()] }), {
      ...context,
      now,
    });
    assert.equal(decision.events[0]?.reason, 'FinalBackupFailed');
  });

  it('keeps the PersistentVolumes when the namespace goes, and ends', () => {
    for (const deletionPolicy of ['Retain', 'Snapshot'] as const) {
      const decision = decide(observe(deleted({ deletionPolicy }), { ...living, namespaceEnding: true }), context);
      assert.deepEqual([decision.finalizer, decision.steps], ['remove', []]);
      assert.deepEqual([...(decision.keepVolumes ?? [])].sort(), ['pv-data-orders-0', 'pv-orders-backup-pvc']);
    }
    const decision = decide(
      observe(deleted({ deletionPolicy: 'Delete' }), { ...living, namespaceEnding: true }),
      context,
    );
    assert.deepEqual(decision, { finalizer: 'remove', steps: [], events: [] });
  });

  it('is carried out though the Database is paused or invalid', () => {
    assert.equal(decide(observe(deleted({ paused: true }), living), context).finalizer, 'remove');
    assert.equal(decide(observe(deleted({ replicas: 99 }), living), context).finalizer, 'remove');
  });
});
