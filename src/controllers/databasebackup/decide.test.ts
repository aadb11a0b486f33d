import assert from 'node:assert/strict';
import { noFacts } from '../../admission/facts.ts';
import type { BackupResult } from '../../api/backup-order.ts';
import type { KubernetesObject } from '../../api/object.ts';
import { CronJob, PersistentVolumeClaim } from '../../api/resources.ts';
import type { Database, DatabaseBackup, DatabaseBackupSpec, DatabaseBackupStatus } from '../../api/types.generated.ts';
import { finalizer } from '../../desired/names.ts';
import { engineByName } from '../../engines/index.ts';
import { decideBackup } from './decide.ts';
import type { BackupContext, BackupDecision, BackupObservation } from './observation.ts';

const now = new Date('2026-01-05T12:00:00Z');
const context: BackupContext = {
  now,
  facts: noFacts,
  engineByName,
  isApplied: () => false,
  agentImage: 'agent:1',
};
const database = (spec: Database['spec'] = {}): Database => ({
  apiVersion: 'example.com/v1',
  kind: 'Database',
  metadata: { name: 'orders', namespace: 'shop', uid: 'd1' },
  spec: { engine: 'postgresql', version: '17', storage: { size: '5Gi' }, ...spec },
  status: {
    conditions: [{ type: 'Ready', status: 'True', reason: 'PrimaryReady', message: '', lastTransitionTime: '' }],
  },
});
const s3 = { bucket: 'backups', region: 'eu-central-1' };
const backup = (
  spec: Partial<DatabaseBackupSpec> = {},
  status?: DatabaseBackupStatus,
  metadata: object = {},
): DatabaseBackup => ({
  apiVersion: 'example.com/v1',
  kind: 'DatabaseBackup',
  metadata: { name: 'nightly', namespace: 'shop', uid: 'b1', generation: 1, ...metadata },
  spec: { databaseRef: { name: 'orders' }, destination: { s3 }, ...spec },
  ...(status !== undefined && { status }),
});
const labels = {
  'app.kubernetes.io/managed-by': 'database-operator',
  'database.example.com/owner-kind': 'DatabaseBackup',
  'database.example.com/owner-name': 'nightly',
  'database.example.com/owner-namespace': 'shop',
};
const named = (kind: string, name: string, more: object = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, namespace: 'shop', uid: `uid-${name}`, labels, creationTimestamp: '2026-01-05T11:00:00Z' },
  ...more,
});
const ended = (type: 'Complete' | 'Failed'): object => ({ status: { conditions: [{ type, status: 'True' }] } });
const pod = (job: string, result: Partial<BackupResult> | undefined): KubernetesObject => {
  const full = {
    ok: true,
    verb: 'backup',
    startedAt: '2026-01-05T11:00:01Z',
    endedAt: '2026-01-05T11:03:00Z',
    ...result,
  };
  const state = result === undefined ? { running: {} } : { terminated: { exitCode: 0, message: JSON.stringify(full) } };
  const one = named('Pod', `${job}-x`, { status: { containerStatuses: [{ name: 'agent', state }] } });
  return { ...one, metadata: { ...one.metadata, labels: { ...labels, 'batch.kubernetes.io/job-name': job } } };
};
const decide = (stored: DatabaseBackup, partial: Partial<BackupObservation> = {}, more: Partial<BackupContext> = {}) =>
  decideBackup(
    { stored, database: database(), children: [], jobs: [], pods: [], namespaceEnding: false, ...partial },
    { ...context, ...more },
  );
const steps = ({ steps: all }: BackupDecision): readonly string[] =>
  all.map(({ action, ref }) => `${action} ${ref.resource.kind} ${ref.namespace ?? ''}/${ref.name}`);
const condition = ({ status }: BackupDecision, type: string): string => {
  const found = status?.conditions?.find((one) => one.type === type);
  return found === undefined ? 'absent' : `${found.status} ${found.reason}`;
};
const location = 's3://backups/shop/orders/20260105T110000Z-nightly';

describe('deciding about a DatabaseBackup', () => {
  it('without a schedule is a Job now, once the Database is ready', () => {
    assert.deepEqual(steps(decide(backup())), ['create Job shop/nightly-dbbackup']);
    const waiting = decide(backup(), { database: { ...database(), status: {} } });
    assert.deepEqual([steps(waiting), condition(waiting, 'Ready')], [[], 'False DatabaseNotReady']);
  });

  it('with a schedule is a CronJob, and a volume where no bucket is named', () => {
    assert.deepEqual(steps(decide(backup({ schedule: '0 2 * * *', destination: { pvc: {} } }))), [
      'create PersistentVolumeClaim shop/nightly-dbbackup-pvc',
      'apply CronJob shop/nightly-dbbackup',
    ]);
  });

  it('says what was made and never makes it again', () => {
    const good = decide(backup(), {
      jobs: [named('Job', 'nightly-dbbackup')],
      pods: [pod('nightly-dbbackup', { location, bytes: 1024, checksum: 'sha256:ab', serverVersion: '17.2' })],
    });
    assert.equal(condition(good, 'Ready'), 'True BackupCompleted');
    const { phase, size, checksum, version, end } = good.status ?? {};
    assert.deepEqual(
      [phase, size, checksum, version, end],
      ['Completed', '1Ki', 'sha256:ab', '17.2', '2026-01-05T11:03:00Z'],
    );
    assert.deepEqual(
      good.events.map(({ reason }) => reason),
      ['BackupCompleted'],
    );
    const later = decide(backup({}, good.status));
    assert.deepEqual([steps(later), later.status, later.events], [[], good.status, []]);
  });

  it('names a failure after what the agent found', () => {
    const failed = decide(backup(), {
      jobs: [named('Job', 'nightly-dbbackup', ended('Failed'))],
      pods: [pod('nightly-dbbackup', { ok: false, reason: 'StorageDenied', message: 'the bucket says no' })],
    });
    assert.deepEqual([failed.status?.phase, condition(failed, 'Ready')], ['Failed', 'False StorageDenied']);
    assert.deepEqual(
      failed.events.map(({ type, reason }) => [type, reason]),
      [['Warning', 'StorageDenied']],
    );
    assert.deepEqual(steps(decide(backup({}, failed.status))), []);
  });

  it('waits for a Database that is not there, and removes the CronJob of one that is gone', () => {
    const cronJob = { resource: CronJob, object: named('CronJob', 'nightly-dbbackup') };
    const gone = decide(backup({ schedule: '@daily' }), { database: undefined, children: [cronJob] });
    assert.equal(condition(gone, 'Ready'), 'False DatabaseNotFound');
    assert.deepEqual(steps(gone), ['delete CronJob shop/nightly-dbbackup']);
  });

  it('leaves a name alone that somebody else has', () => {
    const object = {
      ...named('CronJob', 'nightly-dbbackup'),
      metadata: { name: 'nightly-dbbackup', namespace: 'shop' },
    };
    const taken = decide(backup({ schedule: '@daily' }), { children: [{ resource: CronJob, object }] });
    assert.deepEqual([steps(taken), condition(taken, 'Ready')], [[], 'False NameConflict']);
  });

  it('says that it has no agent', () => {
    const { now: at, facts, isApplied } = context;
    const without: BackupContext = { now: at, facts, engineByName, isApplied };
    const decision = decideBackup(
      { stored: backup(), database: database(), children: [], jobs: [], pods: [], namespaceEnding: false },
      without,
    );
    assert.deepEqual([steps(decision), condition(decision, 'Ready')], [[], 'False AgentImageUnknown']);
  });

  it('works where the Database is, under a name of its own, and tidies up by a finalizer', () => {
    const foreign = backup({ databaseRef: { name: 'orders', namespace: 'data' } });
    assert.equal(decide(foreign).finalizer, 'add');
    const decision = decide({ ...foreign, metadata: { ...foreign.metadata, finalizers: [finalizer] } });
    assert.match(steps(decision)[0] ?? '', /^create Job data\/nightly-[0-9a-f]{8}-dbbackup$/);
    // Beside it there may be another of its name, whose backups are none of its.
    const [job] = decision.steps;
    assert.match(JSON.stringify(job?.action === 'create' ? job.object : ''), /who[\\":]+nightly-[0-9a-f]{8}\\"/);
  });
});

describe('proofs of a DatabaseBackup', () => {
  const done: DatabaseBackupStatus = { phase: 'Completed', location, end: '2026-01-05T11:03:00Z' };
  const proving = backup({ verify: { enabled: true } }, done);
  const jobOf = (): string => {
    const [step] = decide(proving).steps;
    return step?.ref.name ?? '';
  };
  it('are made of each backup once', () => {
    assert.match(jobOf(), /^nightly-dbverify-[0-9a-f]{8}$/);
    assert.deepEqual(steps(decide(proving, { jobs: [named('Job', jobOf())] })), []);
    const verified = { ...done, verifiedLocation: location };
    assert.deepEqual(steps(decide(backup({ verify: { enabled: true } }, verified))), []);
  });
  it('are told with the time that the restore took', () => {
    const result = { verb: 'verify', location, restoreSeconds: 41.6, tables: 3, rows: 9 } as const;
    const proven = decide(proving, { jobs: [named('Job', jobOf())], pods: [pod(jobOf(), result)] });
    assert.equal(condition(proven, 'Verified'), 'True Proven');
    assert.equal(proven.status?.provenRestoreSeconds, 42);
    assert.deepEqual([proven.status.verifiedLocation, proven.status.provenLocation], [location, location]);
    const again = decide(backup({ verify: { enabled: true } }, proven.status));
    assert.deepEqual([condition(again, 'Verified'), steps(again)], ['True Proven', []]);
  });
  it('that fail say what is spoilt, and keep the time of the last good one', () => {
    const failures = [{ kind: 'checksum', what: 'orders.zst: 1 byte differs' }] as const;
    const result = { verb: 'verify', ok: false, location, reason: 'Corrupt', message: 'spoilt', failures } as const;
    const earlier = { provenAt: '2026-01-01T00:00:00Z', provenLocation: 's3://backups/shop/orders/earlier' };
    const stored = backup({ verify: { enabled: true } }, { ...done, ...earlier });
    const failed = decide(stored, { jobs: [named('Job', jobOf(), ended('Failed'))], pods: [pod(jobOf(), result)] });
    assert.equal(condition(failed, 'Verified'), 'False Corrupt');
    assert.deepEqual(
      [failed.status?.verifiedLocation, failed.status?.provenAt, failed.status?.provenLocation],
      [location, earlier.provenAt, earlier.provenLocation],
    );
    const said = failed.status?.conditions?.find(({ type }) => type === 'Verified')?.message ?? '';
    assert.match(said, /1 byte differs; last proven: s3:.*earlier at 2026-01-01T00:00:00Z$/);
    assert.deepEqual(
      failed.events.map(({ reason }) => reason),
      ['Corrupt'],
    );
  });
  it('have a CronJob of their own with a schedule, and are overdue after twice its time', () => {
    const weekly = (provenAt: string): DatabaseBackup =>
      backup({ schedule: '@daily', verify: { enabled: true, schedule: '@weekly' } }, { ...done, provenAt });
    assert.ok(steps(decide(weekly('2026-01-04T00:00:00Z'))).includes('apply CronJob shop/nightly-dbverify'));
    assert.equal(condition(decide(weekly('2025-12-20T00:00:00Z')), 'Verified'), 'False Overdue');
    assert.notEqual(condition(decide(weekly('2026-01-04T00:00:00Z')), 'Verified'), 'False Overdue');
  });
});

describe('the end of a DatabaseBackup', () => {
  const going = (spec: Partial<DatabaseBackupSpec> = {}): DatabaseBackup =>
    backup({ deletionPolicy: 'Delete', ...spec }, undefined, {
      deletionTimestamp: '2026-01-05T11:59:00Z',
      finalizers: [finalizer],
    });
  it('keeps what is stored unless it says otherwise', () => {
    const decision = decide(going({ deletionPolicy: 'Retain' }));
    assert.deepEqual([decision.finalizer, steps(decision)], ['remove', []]);
  });
  it('stops what writes, then removes what is in the bucket by a Job', () => {
    const cronJob = { resource: CronJob, object: named('CronJob', 'nightly-dbbackup') };
    const first = decide(going(), { children: [cronJob], jobs: [named('Job', 'nightly-dbbackup-1')] });
    assert.deepEqual(steps(first), ['delete CronJob shop/nightly-dbbackup', 'delete Job shop/nightly-dbbackup-1']);
    assert.deepEqual(steps(decide(going())), ['create Job shop/nightly-dbprune']);
    const done = decide(going(), { jobs: [named('Job', 'nightly-dbprune', ended('Complete'))] });
    assert.deepEqual([done.finalizer, done.events[0]?.reason], ['remove', 'StoredBackupsDeleted']);
  });
  it('removes the volume', () => {
    const claim = { resource: PersistentVolumeClaim, object: named('PersistentVolumeClaim', 'nightly-dbbackup-pvc') };
    const decision = decide(going({ destination: { pvc: {} } }), { children: [claim] });
    assert.deepEqual(steps(decision), ['delete PersistentVolumeClaim shop/nightly-dbbackup-pvc']);
    assert.equal(decision.finalizer, 'remove');
  });
  const hopeless: [string, Partial<BackupObservation>][] = [
    ['the namespace goes', { namespaceEnding: true }],
    ['the Job fails', { jobs: [named('Job', 'nightly-dbprune', ended('Failed'))] }],
  ];
  for (const [title, partial] of hopeless) {
    it(`always comes, also when ${title}`, () => {
      const decision = decide(going(), partial);
      assert.deepEqual([decision.finalizer, decision.events[0]?.reason], ['remove', 'StoredBackupsKept']);
    });
  }
});
