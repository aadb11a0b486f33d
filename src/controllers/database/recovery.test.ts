import assert from 'node:assert/strict';
import { noFacts } from '../../admission/facts.ts';
import type { BackupResult } from '../../api/backup-order.ts';
import type { KubernetesObject } from '../../api/object.ts';
import * as resources from '../../api/resources.ts';
import type { Database, DatabaseBackup, DatabaseStatus, RecoverySpec } from '../../api/types.generated.ts';
import { finalizer } from '../../desired/names.ts';
import { engineByName } from '../../engines/index.ts';
import { nothingStuck } from '../../status/stuck.ts';
import { decide } from './decide.ts';
import type { DecideContext, Decision, Observation, RecoveryFacts } from './observation.ts';

const context: DecideContext = {
  now: new Date('2026-01-05T12:00:00Z'),
  facts: noFacts,
  randomBytes: (count) => new Uint8Array(count).fill(7),
  engineByName,
  isApplied: () => false,
  agentImage: 'agent:1',
};
const s3 = { bucket: 'backups', region: 'eu-central-1' };
const location = 's3://backups/shop/orders/20260104T020000Z';
const database = (
  recovery: RecoverySpec = { s3 },
  status?: DatabaseStatus,
  spec: Partial<Database['spec']> = {},
): Database => ({
  apiVersion: 'example.com/v1',
  kind: 'Database',
  metadata: {
    name: 'orders',
    namespace: 'shop',
    uid: 'u1',
    resourceVersion: '5',
    generation: 1,
    finalizers: [finalizer],
  },
  spec: { engine: 'postgresql', version: '17', replicas: 3, ...spec, bootstrap: { recovery } },
  ...(status !== undefined && { status }),
});
const decideOn = (
  stored: Database,
  partial: Partial<Observation> = {},
  more: Partial<DecideContext> = {},
): Decision => {
  const facts: RecoveryFacts = { backup: undefined, password: undefined };
  const observation: Observation = {
    stored,
    children: [],
    pods: [],
    claims: [],
    jobs: [],
    backupPods: [],
    recovery: facts,
    reports: new Map(),
    volumes: new Map(),
    prometheusRules: true,
    namespaceEnding: false,
    serviceMonitors: true,
    stuck: nothingStuck,
    ...partial,
  };
  return decide(observation, { ...context, ...more });
};
const steps = ({ steps: all }: Decision): readonly string[] =>
  all.map(({ action, ref }) => `${action} ${ref.resource.kind} ${ref.name}`);
const condition = ({ status }: Decision, type: string): string => {
  const found = status?.conditions?.find((one) => one.type === type);
  return found === undefined ? 'absent' : `${found.status} ${found.reason}`;
};
const job = (name: string, ended?: 'Complete' | 'Failed'): KubernetesObject => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name, namespace: 'shop', uid: name },
  ...(ended && { status: { conditions: [{ type: ended, status: 'True' }] } }),
});
const said = (name: string, result: Partial<BackupResult>): KubernetesObject => {
  const full = { ok: true, verb: 'inspect', startedAt: '', endedAt: '', ...result };
  const state = { terminated: { exitCode: 0, message: JSON.stringify(full) } };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${name}-x`,
      labels: { 'batch.kubernetes.io/job-name': name },
      creationTimestamp: '2026-01-05T11:00:00Z',
    },
    status: { containerStatuses: [{ name: 'agent', state }] },
  };
};
const manifest = (engine = 'postgresql', serverVersion = '17.2'): BackupResult['manifest'] => ({
  engine,
  serverVersion,
  database: { namespace: 'shop', name: 'orders', uid: 'u0' },
  encrypted: true,
  endedAt: '2026-01-04T02:10:00Z',
});
const looked = (more = manifest()): Partial<Observation> => ({
  jobs: [job('orders-recovery-inspect', 'Complete')],
  backupPods: [said('orders-recovery-inspect', { location, ...(more && { manifest: more }) })],
});
const up: KubernetesObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'orders-0', namespace: 'shop', uid: 'p0', labels: {} },
  status: { conditions: [{ type: 'Ready', status: 'True' }] },
};
const restoring: DatabaseStatus = { recovery: { location }, currentPrimary: 'orders-0', primaryTerm: 1 };
const created = (decision: Decision, name: string): KubernetesObject | undefined =>
  decision.steps.flatMap((step) => (step.action === 'create' && step.ref.name === name ? [step.object] : []))[0];
const applied = (decision: Decision, kind: string): KubernetesObject | undefined =>
  decision.steps.flatMap((step) => (step.action === 'apply' && step.object.kind === kind ? [step.object] : []))[0];

describe('deciding about a recovery', () => {
  it('looks at the backup before anything is made', () => {
    const first = decideOn(database());
    assert.deepEqual(steps(first), ['apply ServiceAccount orders', 'create Job orders-recovery-inspect']);
    assert.deepEqual([first.status?.phase, condition(first, 'Recovered')], ['Creating', 'False Inspecting']);
    const waits = decideOn(database(), { jobs: [job('orders-recovery-inspect')] });
    assert.deepEqual(steps(waits), []);
  });

  const mismatches: [string, BackupResult['manifest'], string][] = [
    ['another engine', manifest('mysql', '8.0.33'), 'False WrongEngine'],
    ['a newer major version', manifest('postgresql', '18.1'), 'False WrongVersion'],
  ];
  for (const [title, what, expected] of mismatches) {
    it(`makes nothing of a backup of ${title}`, () => {
      const decision = decideOn(database(), looked(what));
      assert.deepEqual(
        [steps(decision), condition(decision, 'Recovered'), decision.status?.phase],
        [[], expected, 'Failed'],
      );
    });
  }

  it('makes one server that nothing leads to, with the password of the backup', () => {
    const decision = decideOn(database(), { ...looked(), recovery: { backup: undefined, password: 'old one' } });
    const secret = created(decision, 'orders-secret')?.['data'] as Record<string, string>;
    assert.equal(Buffer.from(secret['password'] ?? '', 'base64').toString(), 'old one');
    const set = applied(decision, 'StatefulSet')?.['spec'] as {
      replicas: number;
      template: { metadata: { labels: Record<string, string> } };
    };
    assert.equal(set.replicas, 1);
    assert.equal(set.template.metadata.labels['role'], undefined);
    assert.equal(decision.status?.recovery?.location, location);
    assert.equal(condition(decision, 'Ready'), 'False Recovering');
  });

  it('says what is wrong with the key or the password, and makes nothing', () => {
    const password = { reason: 'WrongKey', why: 'it does not open' };
    const decision = decideOn(database(), { ...looked(), recovery: { backup: undefined, password } });
    assert.deepEqual([steps(decision), condition(decision, 'Recovered')], [[], 'False WrongKey']);
  });

  it('restores exactly the backup that it looked at, once the server answers, and gives nobody a role', () => {
    const decision = decideOn(database(undefined, restoring), { pods: [up] });
    const made = created(decision, 'orders-recovery')?.['spec'] as {
      template: { metadata: { annotations: Record<string, string> } };
    };
    const order = JSON.parse(Object.values(made.template.metadata.annotations)[0] ?? '') as Record<string, unknown>;
    assert.equal(order['backup'], '20260104T020000Z');
    assert.equal((order['server'] as { host: string }).host, 'orders-0.orders-headless.shop.svc.cluster.local');
    assert.ok(!steps(decision).includes('patch Pod orders-0'));
    assert.equal(decision.status?.phase, 'Creating');
    assert.equal(condition(decision, 'Initialized'), 'absent');
  });

  it('says why a restore failed, and that it is tried again', () => {
    const failed = decideOn(database(undefined, restoring), {
      pods: [up],
      jobs: [job('orders-recovery', 'Failed')],
      backupPods: [
        said('orders-recovery', { ok: false, verb: 'restore', reason: 'NotEmpty', message: 'data is there' }),
      ],
    });
    assert.deepEqual([condition(failed, 'Recovered'), failed.status?.phase], ['False NotEmpty', 'Failed']);
    const again = decideOn(database(undefined, { ...restoring, ...failed.status }), { pods: [up] });
    assert.ok(steps(again).includes('create Job orders-recovery'));
    const { message = '' } = again.status?.conditions?.find(({ type }) => type === 'Recovered') ?? {};
    assert.match(message, /NotEmpty: data is there/);
  });

  describe('to a moment', () => {
    const moment: RecoverySpec = { s3, targetTime: '2026-01-04T12:00:00Z' };
    const orderOf = (object: KubernetesObject | undefined): unknown => {
      const { template } = object?.['spec'] as { template: { metadata: { annotations: Record<string, string> } } };
      return JSON.parse(Object.values(template.metadata.annotations)[0] ?? '');
    };
    const claim: KubernetesObject = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'data-orders-0', namespace: 'shop', uid: 'c0', creationTimestamp: '2026-01-05T11:00:00Z' },
      spec: { resources: { requests: { storage: '10Gi' } } },
    };

    it('looks for the backup that had ended by then', () => {
      const inspection = created(decideOn(database(moment)), 'orders-recovery-inspect');
      assert.partialDeepStrictEqual(orderOf(inspection), { verb: 'inspect', moment: moment.targetTime });
    });

    it('puts the data on the volume of the first member while no server is there', () => {
      const decision = decideOn(database(moment, restoring), looked());
      const set = decision.steps.flatMap((step) =>
        step.action === 'apply' && step.ref.resource.kind === 'StatefulSet' ? [step.object] : [],
      )[0];
      assert.equal((set?.['spec'] as { replicas: number }).replicas, 0);
      assert.partialDeepStrictEqual(created(decision, 'data-orders-0')?.['spec'], {
        resources: { requests: { storage: '10Gi' } },
      });
      const recovery = created(decision, 'orders-recovery');
      assert.partialDeepStrictEqual(orderOf(recovery), {
        ...{ verb: 'recover', moment: moment.targetTime, backup: '20260104T020000Z' },
      });
      assert.match(JSON.stringify(recovery), /"claimName":"data-orders-0"/);
      assert.equal(condition(decision, 'Recovered'), 'False Restoring');
      assert.deepEqual(
        steps(decision).filter((step) => step.includes('orders-log')),
        [],
        'no log is stored of a database that is not there',
      );
    });

    /** As the pass before has made them: credentials come before the volume, whatever ends that pass in between. */
    const credentials = (): Observation['children'] => {
      const before = decideOn(database(moment, restoring), looked());
      const made = before.steps.flatMap((step) => (step.action === 'create' ? [step.ref.name] : []));
      assert.ok(made.indexOf('orders-internal') < made.indexOf('data-orders-0'), made.join(' '));
      return ['orders-internal', 'orders-secret'].map((name) => {
        const object = created(before, name);
        assert.ok(object, name);
        return { resource: resources.Secret, object: { ...object, metadata: { ...object.metadata, uid: name } } };
      });
    };

    it('takes the volume that is there: the agent says whether it is empty', () => {
      const decision = decideOn(database(moment, restoring), { ...looked(), claims: [claim], children: credentials() });
      assert.equal(created(decision, 'data-orders-0'), undefined);
      assert.ok(created(decision, 'orders-recovery'));
    });

    it('is not tried with a server of another major version, which could not read the files', () => {
      const newer = decideOn(database(moment, undefined, { version: '18' }), looked());
      assert.equal(condition(newer, 'Recovered'), 'False WrongVersion');
      assert.deepEqual(newer.steps, []);
    });

    it('starts all servers once the data is there', () => {
      const jobs = [job('orders-recovery-inspect', 'Complete'), job('orders-recovery', 'Complete')];
      const backupPods = [said('orders-recovery', { verb: 'recover', restoreSeconds: 3, warnings: ['the log ends'] })];
      const decision = decideOn(database(moment, restoring), {
        ...{ jobs, backupPods, claims: [claim], children: credentials() },
      });
      const set = decision.steps.flatMap((step) =>
        step.action === 'apply' && step.ref.resource.kind === 'StatefulSet' ? [step.object] : [],
      )[0];
      assert.equal((set?.['spec'] as { replicas: number }).replicas, 3);
      assert.equal(condition(decision, 'Recovered'), 'True Restored');
      assert.match(
        decision.status?.conditions?.find(({ type }) => type === 'Recovered')?.message ?? '',
        /the log ends/,
      );
    });
  });

  it('is over for good once the data is there', () => {
    const done = decideOn(database(undefined, restoring), {
      pods: [up],
      jobs: [job('orders-recovery')],
      backupPods: [said('orders-recovery', { verb: 'restore', restoreSeconds: 12.4 })],
    });
    assert.equal(condition(done, 'Recovered'), 'True Restored');
    assert.equal(done.status?.recovery?.seconds, 12);
    const later = decideOn(database(undefined, done.status), { pods: [up], recovery: undefined });
    assert.equal(condition(later, 'Recovered'), 'True Restored');
    assert.ok(!steps(later).some((step) => step.includes('Job')));
    // What does not look at it does not forget it.
    const paused = decideOn(database(undefined, done.status, { paused: true }), { pods: [up], recovery: undefined });
    assert.equal(condition(paused, 'Recovered'), 'True Restored');
  });

  it('never begins on servers that have served, whatever became of the status', () => {
    const data = { initialized: 'true', members: 'orders-0' };
    const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'orders-topology', uid: 't' }, data };
    const decision = decideOn(database(), { pods: [up], children: [{ resource: resources.ConfigMap, object: map }] });
    assert.ok(!steps(decision).some((step) => step.includes('Job')));
    assert.equal(condition(decision, 'Recovered'), 'True Restored');
  });

  const backup = (partial: Partial<DatabaseBackup['spec']>, status?: object): DatabaseBackup => ({
    apiVersion: 'example.com/v1',
    kind: 'DatabaseBackup',
    metadata: { name: 'nightly', namespace: 'data' },
    spec: { databaseRef: { name: 'orders' }, ...partial },
    ...(status && { status }),
  });
  const sources: [string, DatabaseBackup | undefined, string][] = [
    ['that does not exist', undefined, 'False BackupNotFound'],
    ['that has no good backup', backup({ destination: { s3 } }), 'False BackupNotComplete'],
    [
      'on a volume of another namespace',
      backup({}, { location: '/backup/data/orders/20260104T020000Z' }),
      'False BackupNotReachable',
    ],
    ['in a bucket', backup({ destination: { s3 } }, { location }), 'False Inspecting'],
  ];
  for (const [title, found, expected] of sources) {
    it(`from a DatabaseBackup ${title}: ${expected}`, () => {
      const stored = database({ backupRef: { name: 'nightly', namespace: 'data' } });
      const decision = decideOn(stored, { recovery: { backup: found, password: undefined } });
      assert.equal(condition(decision, 'Recovered'), expected);
    });
  }
});
