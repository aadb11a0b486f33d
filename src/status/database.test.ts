import assert from 'node:assert/strict';
import type { BackupResult } from '../api/backup-order.ts';
import { sameStatus } from '../api/conditions.ts';
import type { KubernetesObject } from '../api/object.ts';
import type { Database, DatabaseSpec, DatabaseStatus } from '../api/types.generated.ts';
import { postgresql } from '../engines/postgresql/index.ts';
import type { BackupRun } from './backup-runs.ts';
import { databaseStatus } from './database.ts';
import type { StatusInput } from './standing.ts';
import { nothingStuck } from './stuck.ts';

const now = new Date('2026-01-05T12:00:00Z');
const database = (spec: DatabaseSpec = {}, status?: DatabaseStatus): Database => ({
  apiVersion: 'example.com/v1',
  kind: 'Database',
  metadata: { name: 'orders', namespace: 'shop', uid: 'u1', generation: 3 },
  spec: { engine: 'postgresql', version: '17', replicas: 1, ...spec },
  ...(status !== undefined && { status }),
});
const pod = (ordinal: number, isReady: boolean, hash = 'h'): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: `orders-${ordinal}`,
    labels: { version: '17' },
    annotations: { 'database.example.com/pod-hash': hash },
  },
  status: { conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False' }] },
});
const set = (status: object = { observedGeneration: 1 }): KubernetesObject => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'orders', generation: 1 },
  spec: { replicas: 1, template: { metadata: { annotations: { 'database.example.com/pod-hash': 'h' } } } },
  status,
});
const statusOf = (partial: Partial<StatusInput> = {}): DatabaseStatus =>
  databaseStatus({
    database: database(),
    engine: postgresql,
    pods: [],
    claims: [],
    statefulSet: set(),
    backup: { cronJob: undefined, runs: [], hasAgent: true },
    recovery: undefined,
    topology: undefined,
    primary: 'orders-0',
    term: 1,
    problem: undefined,
    invalidFields: [],
    pending: [],
    serviceMonitors: true,
    storageClasses: undefined,
    stuck: nothingStuck,
    extraDiagnosis: [],
    acted: true,
    now,
    ...partial,
  });
const condition = (status: DatabaseStatus, type: string): string => {
  const found = status.conditions?.find((one) => one.type === type);
  return found === undefined ? 'absent' : `${found.status} ${found.reason}`;
};
const served = (phase: NonNullable<DatabaseStatus['phase']> = 'Running'): DatabaseStatus => ({
  phase,
  conditions: [
    {
      type: 'Initialized',
      status: 'True',
      reason: 'HasServed',
      message: '',
      lastTransitionTime: '2026-01-01T00:00:00Z',
    },
  ],
});

describe('status of a Database', () => {
  it('is Creating until the primary has answered once', () => {
    const status = statusOf({ pods: [pod(0, false)] });
    assert.equal(status.phase, 'Creating');
    assert.equal(condition(status, 'Ready'), 'False Creating');
    assert.equal(condition(status, 'Initialized'), 'absent');
  });

  it('is Running when all is well, with endpoints, members and version', () => {
    const status = statusOf({ database: database({ replicas: 2 }), pods: [pod(1, true), pod(0, true)] });
    assert.equal(status.phase, 'Running');
    assert.deepEqual(status.endpoints, {
      primary: 'orders-primary.shop.svc.cluster.local:5432',
      readonly: ['orders-readonly.shop.svc.cluster.local:5432'],
    });
    assert.deepEqual(status.members, [
      { name: 'orders-0', role: 'primary', ready: true },
      { name: 'orders-1', role: 'replica', ready: true },
    ]);
    assert.equal(status.version, '17');
    assert.equal(status.observedGeneration, 3);
    assert.equal(condition(status, 'Ready'), 'True PrimaryReady');
    assert.equal(condition(status, 'Progressing'), 'False Settled');
    assert.equal(condition(status, 'Degraded'), 'False Healthy');
  });

  it('is Scaling while servers are missing or too many', () => {
    assert.equal(statusOf({ database: database({ replicas: 3 }, served()), pods: [pod(0, true)] }).phase, 'Scaling');
    assert.equal(statusOf({ database: database({}, served()), pods: [pod(0, true), pod(1, true)] }).phase, 'Scaling');
  });

  it('is Updating while servers run with an older template', () => {
    const status = statusOf({ database: database({}, served()), pods: [pod(0, true, 'old')] });
    assert.equal(status.phase, 'Updating');
    assert.equal(condition(status, 'Progressing'), 'True Restarting');
  });

  it('is Updating, not Running, until the StatefulSet’s own controller has seen the change', () => {
    assert.equal(
      statusOf({ database: database({}, served()), pods: [pod(0, true)], statefulSet: set({}) }).phase,
      'Updating',
    );
  });

  it('is never Running while the primary does not answer', () => {
    const status = statusOf({ database: database({ replicas: 2 }, served()), pods: [pod(0, false), pod(1, true)] });
    assert.notEqual(status.phase, 'Running');
    assert.equal(condition(status, 'Ready'), 'False PrimaryNotReady');
    assert.equal(condition(status, 'Degraded'), 'True MembersNotReady');
  });

  it('stays Ready, but Degraded, when the operator is kept from acting on a database that serves', () => {
    const status = statusOf({
      database: database({}, served()),
      pods: [pod(0, true)],
      problem: { reason: 'CredentialsLost', message: 'gone' },
    });
    assert.equal(condition(status, 'Ready'), 'True PrimaryReady');
    assert.equal(condition(status, 'Degraded'), 'True CredentialsLost');
  });

  it('is Failed on a problem before anything runs, Pending while it only waits', () => {
    assert.equal(statusOf({ problem: { reason: 'NameConflict', message: '' } }).phase, 'Failed');
    assert.equal(statusOf({ problem: { reason: 'WaitingForDeletion', message: '', waits: true } }).phase, 'Pending');
    assert.equal(statusOf({ problem: { reason: 'EngineNotSupported', message: '' } }).phase, 'Pending');
  });

  it('is Hibernated once all servers are gone', () => {
    const sleeping = database({ hibernate: true }, served());
    assert.equal(statusOf({ database: sleeping, pods: [pod(0, true)] }).phase, 'Updating');
    const status = statusOf({ database: sleeping });
    assert.equal(status.phase, 'Hibernated');
    assert.equal(condition(status, 'Ready'), 'False Hibernated');
    assert.equal(condition(status, 'Degraded'), 'False Healthy');
  });

  it('keeps Initialized for ever, and observedGeneration when nothing was acted on', () => {
    const status = statusOf({ database: database({}, { ...served(), observedGeneration: 2 }), acted: false });
    assert.equal(condition(status, 'Initialized'), 'True HasServed');
    assert.equal(status.observedGeneration, 2);
  });

  it('names the fields of an invalid spec, and no values', () => {
    const status = statusOf({ invalidFields: ['spec.replicas', 'spec.config.parameters[work_mem]'] });
    const valid = status.conditions?.find(({ type }) => type === 'AdmissionValid');
    assert.match(valid?.message ?? '', /spec\.replicas, spec\.config\.parameters\[work_mem\]$/);
  });

  it('moves lastTransitionTime only when a status changes', () => {
    const first = statusOf({ pods: [pod(0, false)] });
    const later = statusOf({
      database: database({}, first),
      pods: [pod(0, true)],
      now: new Date('2026-01-05T13:00:00Z'),
    });
    const times = new Map(later.conditions?.map(({ type, lastTransitionTime }) => [type, lastTransitionTime]));
    assert.equal(times.get('Ready'), '2026-01-05T13:00:00Z');
    assert.equal(times.get('AdmissionValid'), '2026-01-05T12:00:00Z');
  });

  it('is equal to itself an hour later: nothing is written without a cause', () => {
    const first = statusOf({ pods: [pod(0, true)] });
    const later = statusOf({
      database: database({}, first),
      pods: [pod(0, true)],
      now: new Date('2026-01-05T13:00:00Z'),
    });
    assert.ok(sameStatus(first, later));
  });

  it('tells why there is no ServiceMonitor, and nothing of monitoring where none is wanted', () => {
    const wanted = database({ monitoring: { enabled: true } });
    assert.equal(
      condition(statusOf({ database: wanted, serviceMonitors: false }), 'MonitorReady'),
      'False ServiceMonitorNotInstalled',
    );
    assert.equal(condition(statusOf({ serviceMonitors: false }), 'MonitorReady'), 'absent');
  });
});

describe('backups in the status', () => {
  const cronJob = (status?: object): KubernetesObject => ({
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'orders-backup', creationTimestamp: '2026-01-05T00:30:00Z' },
    ...(status && { status }),
  });
  const run = (result: Partial<BackupResult> | undefined, more: Partial<BackupRun> = {}): BackupRun => ({
    pod: 'p',
    job: 'orders-backup-1',
    madeAt: '2026-01-05T02:00:01Z',
    result: result && { ok: true, verb: 'backup', startedAt: '', endedAt: '2026-01-05T02:03:00.123Z', ...result },
    ...more,
  });
  const backup = (status?: object, runs: readonly BackupRun[] = [], schedule = '0 2 * * *'): DatabaseStatus =>
    statusOf({
      database: database({ backup: { enabled: true, schedule } }),
      backup: { cronJob: cronJob(status), runs, hasAgent: true },
    });
  const lastScheduleTime = '2026-01-05T02:00:00Z';

  it('gives the next start in the schedule’s own terms', () => {
    assert.deepEqual(backup().backupStatus, { nextBackup: '2026-01-06T02:00:00Z' });
  });
  it('counts an interval from the last start, and the first from the CronJob’s beginning', () => {
    // It is 2026-01-05T12:00:00Z.
    assert.equal(backup(undefined, [], '@every 6h').backupStatus?.nextBackup, '2026-01-05T12:30:00Z');
    assert.equal(backup({ lastScheduleTime }, [], '@every 6h').backupStatus?.nextBackup, '2026-01-05T14:00:00Z');
  });
  it('is not ready when the last one failed, and is while it runs or has succeeded', () => {
    assert.equal(condition(backup({ lastScheduleTime }), 'BackupReady'), 'False LastBackupFailed');
    assert.equal(condition(backup({ lastScheduleTime, active: [{}] }), 'BackupReady'), 'True BackupRunning');
    const lastSuccessfulTime = '2026-01-05T02:03:00Z';
    const good = backup({ lastScheduleTime, lastSuccessfulTime });
    assert.equal(condition(good, 'BackupReady'), 'True LastBackupSucceeded');
    assert.equal(good.backupStatus?.lastBackup, lastSuccessfulTime);
  });
  it('takes the agent’s word for what happened, newest first', () => {
    const good = run({ location: 's3://b/shop/orders/20260105T020000Z', bytes: 2048 });
    const status = backup({ lastScheduleTime }, [good]);
    assert.equal(condition(status, 'BackupReady'), 'True LastBackupSucceeded');
    assert.deepEqual(status.backupStatus, {
      lastBackup: '2026-01-05T02:03:00Z',
      nextBackup: '2026-01-06T02:00:00Z',
      location: 's3://b/shop/orders/20260105T020000Z',
      size: '2Ki',
    });
    const bad = run({ ok: false, reason: 'StorageDenied', message: 'the bucket says no' });
    assert.equal(condition(backup({ lastScheduleTime }, [bad, good]), 'BackupReady'), 'False StorageDenied');
    assert.equal(condition(backup({ lastScheduleTime }, [run(undefined), bad]), 'BackupReady'), 'False StorageDenied');
    assert.equal(condition(backup({ lastScheduleTime }, [run(undefined)]), 'BackupReady'), 'True BackupRunning');
  });
  it('tells of a pod that does not start', () => {
    const stuck = run(undefined, { waits: 'container agent does not start: ImagePullBackOff' });
    assert.equal(condition(backup({ lastScheduleTime }, [stuck]), 'BackupReady'), 'False BackupNotStarting');
  });
  it('tells whether the log between backups is stored, where that is asked for', () => {
    const logOf = (status: object | undefined, more: object = {}): string => {
      const logArchive = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'orders-log' }, status };
      return condition(
        statusOf({
          database: database({ backup: { enabled: true, pointInTime: true }, ...more }),
          backup: { cronJob: cronJob({}), runs: [], hasAgent: true, ...(status && { logArchive }) },
        }),
        'PointInTimeReady',
      );
    };
    assert.equal(logOf(undefined), 'False LogNotStored');
    assert.equal(logOf({ availableReplicas: 0 }), 'False LogNotStored');
    assert.equal(logOf({ availableReplicas: 1 }), 'True LogStored');
    assert.equal(logOf({}, { hibernate: true }), 'absent');
    assert.equal(condition(backup(), 'PointInTimeReady'), 'absent');
  });
  it('says when it has no agent to make backups with', () => {
    const status = statusOf({
      database: database({ backup: { enabled: true, destination: { s3: { bucket: 'b' } } } }),
      backup: { cronJob: undefined, runs: [], hasAgent: false },
    });
    assert.equal(condition(status, 'BackupReady'), 'False AgentImageUnknown');
  });
});

describe('a recovery in the status', () => {
  const recovering = (reason: string): DatabaseStatus =>
    statusOf({
      pods: [pod(0, true)],
      recovery: { done: false, verdict: { type: 'Recovered', status: 'False', reason, message: 'm' } },
    });
  it('is not Running before the data is there, ready as its server may be', () => {
    const status = recovering('Restoring');
    assert.equal(status.phase, 'Creating');
    assert.equal(condition(status, 'Ready'), 'False Recovering');
    assert.equal(condition(status, 'Recovered'), 'False Restoring');
    assert.equal(condition(status, 'Initialized'), 'absent');
  });
});
