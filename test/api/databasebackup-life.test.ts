/**
 * A DatabaseBackup's life as the API server sees it: what it becomes and who owns it, what its agents' words become in the
 * status, and its end. Pods stay Pending here and say what the test has them say; what runs in them is in test/e2e.
 */
import assert from 'node:assert/strict';
import type { BackupResult } from '../../src/api/backup-order.ts';
import { eventually, expectKubectl, getObject, installCrds, uniqueNamespace } from './harness.ts';
import { startTestOperator, type TestOperator } from './operator.ts';

interface Stored {
  readonly metadata: {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly { readonly kind: string; readonly name: string }[];
    readonly finalizers?: readonly string[];
    readonly deletionTimestamp?: string;
    readonly resourceVersion: string;
  };
  readonly status?: Readonly<Record<string, unknown>> & {
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly reason: string }[];
  };
}

const location = (time: string): string => `/backup/shop/orders/${time}-nightly`;

describe('life of a DatabaseBackup', function () {
  this.timeout(120_000);
  let operator: TestOperator;
  let namespace: string;

  before(async () => {
    await installCrds();
    namespace = await uniqueNamespace('backup-life');
    operator = await startTestOperator();
    await apply('Database', 'orders', { engine: 'postgresql', version: '17', storage: { size: '1Gi' } });
  });
  after(() => operator.stop());

  const apply = (kind: string, name: string, spec: object): Promise<string> =>
    expectKubectl(
      ['apply', '-f', '-'],
      JSON.stringify({ apiVersion: 'example.com/v1', kind, metadata: { name, namespace }, spec }),
    );
  const get = (kind: string, name: string): Promise<Stored | undefined> => getObject<Stored>(kind, namespace, name);
  const found = (kind: string, name: string): Promise<Stored> =>
    eventually(async () => {
      const object = await get(kind, name);
      assert.ok(object, `${kind} ${name}`);
      return object;
    }, 30_000);
  const ready = (object: Stored | undefined): string => {
    const condition = object?.status?.conditions?.find(({ type }) => type === 'Ready');
    return `${condition?.status} ${condition?.reason}`;
  };
  const readyIs = (name: string, wanted: string): Promise<Stored> =>
    eventually(async () => {
      const object = await get('databasebackup', name);
      assert.equal(ready(object), wanted);
      assert.ok(object);
      return object;
    }, 30_000);
  const backup = (more: object): object => ({
    databaseRef: { name: 'orders' },
    destination: { pvc: { size: '1Gi' } },
    ...more,
  });

  /** A Job of the CronJob, whose pod's agent ends with `result`, and which ends as that says. */
  async function run(job: string, result: Omit<BackupResult, 'verb'>): Promise<void> {
    await expectKubectl(['create', 'job', job, '--from=cronjob/nightly-dbbackup', '-n', namespace]);
    const selector = `batch.kubernetes.io/job-name=${job}`;
    const pod = await eventually(async () => {
      const name = await expectKubectl(['get', 'pods', '-n', namespace, '-l', selector, '-o', 'name']);
      assert.notEqual(name.trim(), '');
      return name.trim();
    }, 30_000);
    const { startedAt, endedAt: finishedAt, ok } = result;
    const message = JSON.stringify({ verb: 'backup', ...result });
    const terminated = { exitCode: ok ? 0 : 2, reason: ok ? 'Completed' : 'Error', startedAt, finishedAt, message };
    const agent = { name: 'agent', image: 'x', imageID: 'x', ready: false, restartCount: 0, state: { terminated } };
    const status = { phase: ok ? 'Succeeded' : 'Failed', containerStatuses: [agent] };
    const patch = ['--subresource=status', '--type=merge', '-p', JSON.stringify({ status })];
    await expectKubectl(['patch', pod, '-n', namespace, ...patch]);
  }

  it('by schedule is a CronJob of its own, and a volume that nobody owns', async () => {
    await apply('DatabaseBackup', 'nightly', backup({ schedule: '0 3 1 1 *' }));
    const [cronJob, claim] = [await found('cronjob', 'nightly-dbbackup'), await found('pvc', 'nightly-dbbackup-pvc')];
    assert.deepEqual(
      cronJob.metadata.ownerReferences?.map(({ kind, name }) => `${kind}/${name}`),
      ['DatabaseBackup/nightly'],
    );
    assert.equal(claim.metadata.ownerReferences, undefined);
    for (const { metadata } of [cronJob, claim]) {
      assert.equal(metadata.labels?.['database.example.com/owner-kind'], 'DatabaseBackup');
      assert.equal(metadata.labels['database.example.com/owner-name'], 'nightly');
    }
    assert.equal((await get('databasebackup', 'nightly'))?.metadata.finalizers, undefined);
  });

  it('at once waits for a Database that is not ready, and makes no Job', async () => {
    await apply('DatabaseBackup', 'once', backup({}));
    assert.equal((await readyIs('once', 'False DatabaseNotReady')).status?.['phase'], 'Pending');
    assert.equal(await get('job', 'once-dbbackup'), undefined);
  });

  it('tells what was made', async () => {
    const times = { startedAt: '2026-01-01T03:00:00Z', endedAt: '2026-01-01T03:05:00Z' };
    const made = { location: location('20260101T030000Z'), bytes: 2048, checksum: 'sha256:ab', serverVersion: '17.2' };
    await run('nightly-dbbackup-1', { ok: true, ...times, ...made });
    const { status } = await readyIs('nightly', 'True LastBackupSucceeded');
    assert.deepEqual(
      [status?.['location'], status?.['size'], status?.['checksum'], status?.['version'], status?.['end']],
      [made.location, '2Ki', 'sha256:ab', '17.2', times.endedAt],
    );
  });

  it('tells what failed after it, and keeps what was made before', async () => {
    const times = { startedAt: '2026-01-02T03:00:00Z', endedAt: '2026-01-02T03:01:00Z' };
    await run('nightly-dbbackup-2', { ok: false, ...times, reason: 'StorageFull', message: 'the volume is full' });
    const { status } = await readyIs('nightly', 'False StorageFull');
    assert.equal(status?.['location'], location('20260101T030000Z'));
  });

  it('says all of it again after a restart, and writes nothing for it', async () => {
    const before = (await get('databasebackup', 'nightly'))?.metadata.resourceVersion;
    await operator.stop();
    operator = await startTestOperator();
    // A later object's status tells that the queue has been gone through.
    await apply('DatabaseBackup', 'later', backup({}));
    await readyIs('later', 'False DatabaseNotReady');
    assert.equal((await get('databasebackup', 'nightly'))?.metadata.resourceVersion, before);
  });

  it('leaves the volume when it goes', async () => {
    await expectKubectl(['delete', 'databasebackup', 'nightly', '-n', namespace, '--timeout=60s']);
    await eventually(async () => (await get('cronjob', 'nightly-dbbackup')) === undefined, 30_000);
    assert.equal((await found('pvc', 'nightly-dbbackup-pvc')).metadata.deletionTimestamp, undefined);
  });

  it('takes the volume along under deletionPolicy Delete', async () => {
    await apply('DatabaseBackup', 'short', backup({ schedule: '0 3 1 1 *', deletionPolicy: 'Delete' }));
    await found('pvc', 'short-dbbackup-pvc');
    const { metadata } = await found('databasebackup', 'short');
    assert.deepEqual(metadata.finalizers, ['database.example.com/finalizer']);
    await expectKubectl(['delete', 'databasebackup', 'short', '-n', namespace, '--timeout=60s']);
    await eventually(async () => {
      const claim = await get('pvc', 'short-dbbackup-pvc');
      return claim === undefined || claim.metadata.deletionTimestamp !== undefined;
    }, 30_000);
  });
});
