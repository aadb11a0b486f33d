/** When a followed object is done, and when it will never be. */
import assert from 'node:assert/strict';
import type { Condition, KubernetesObject } from '../api/object.ts';
import { backupOf, judgeBackup } from './commands/backup.ts';
import { judgeSwitchover } from './commands/promote.ts';
import { restored } from './commands/restore.ts';
import { settled } from './follow.ts';
import type { Database } from '../api/types.generated.ts';

const condition = (type: string, status: Condition['status'], reason = 'X', message = 'why'): Condition => ({
  type,
  status,
  reason,
  message,
  lastTransitionTime: '2026-01-01T00:00:00Z',
});
const object = (status: object, annotations: Readonly<Record<string, string>> = {}): KubernetesObject => ({
  apiVersion: 'example.com/v1',
  kind: 'Database',
  metadata: { name: 'orders', namespace: 'shop', generation: 7, annotations },
  spec: {},
  status,
});
const running = { phase: 'Running', observedGeneration: 7 };
const good = [condition('Ready', 'True'), condition('Progressing', 'False')];

describe('a Database that is followed', () => {
  const table: readonly (readonly [string, object, 'done' | 'failed' | undefined])[] = [
    ['rests', { ...running, conditions: good }, 'done'],
    ['has no status yet', {}, undefined],
    ['is at an older generation', { ...running, observedGeneration: 6, conditions: good }, undefined],
    ['acts', { ...running, conditions: [condition('Ready', 'True'), condition('Progressing', 'True')] }, undefined],
    [
      'does not take writes',
      { ...running, conditions: [condition('Ready', 'False'), condition('Progressing', 'False')] },
      undefined,
    ],
    ['is invalid', { ...running, observedGeneration: 6, conditions: [condition('AdmissionValid', 'False')] }, 'failed'],
    ['is paused', { ...running, conditions: [...good, condition('Paused', 'True')] }, 'failed'],
    [
      'waits for its window',
      {
        ...running,
        conditions: [condition('Progressing', 'True', 'Acting', 'restarts orders-0 in the maintenance window')],
      },
      'done',
    ],
  ];
  for (const [title, status, wanted] of table) {
    it(`${title}: ${wanted ?? 'not yet'}`, () => {
      assert.equal(Object.keys(settled(object(status), 7) ?? {})[0], wanted);
    });
  }
});

describe('a switchover that is followed', () => {
  const request = { 'database.example.com/switchover': 'orders-1' };
  const event = (reason: string): KubernetesObject => ({
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name: 'e' },
    reason,
    note: 'orders-1 lags',
  });
  const ready = [condition('Ready', 'True')];
  const outcome = (
    ...[status, annotations, events, target]: [object, Readonly<Record<string, string>>?, KubernetesObject[]?, string?]
  ) => judgeSwitchover({ before: 'orders-0', target, now: () => 0 })(object(status, annotations), events ?? []);

  it('is done when another member takes writes', () => {
    assert.deepEqual(outcome({ currentPrimary: 'orders-1', conditions: ready }), { done: 'orders-1 is the primary' });
    assert.equal(outcome({ currentPrimary: 'orders-1', conditions: [condition('Ready', 'False')] }), undefined);
  });
  it('is not done while the request stands, nor by another member than the one that was named', () => {
    assert.equal(outcome({ currentPrimary: 'orders-1', conditions: ready }, request), undefined);
    assert.equal(outcome({ currentPrimary: 'orders-2', conditions: ready }, {}, [], 'orders-1'), undefined);
  });
  it('fails with the reason of the refusal', () => {
    assert.deepEqual(outcome({ currentPrimary: 'orders-0' }, {}, [event('SwitchoverRefused')]), {
      failed: 'orders-1 lags',
    });
  });
  it('waits a moment for that reason, then says that nothing happened', () => {
    let now = 0;
    const judge = judgeSwitchover({ before: 'orders-0', target: undefined, now: () => now });
    const same = object({ currentPrimary: 'orders-0', conditions: ready });
    assert.equal(judge(same, []), undefined);
    now = 7000;
    assert.match(JSON.stringify(judge(same, [])), /was not made: orders-0 is the primary/);
  });
});

describe('a backup that is asked for', () => {
  const now = new Date('2026-05-31T12:00:00Z');
  const database = (name: string, spec: object = {}): Database => ({
    apiVersion: 'example.com/v1',
    kind: 'Database',
    metadata: { name, namespace: 'shop' },
    spec,
  });

  it('has a name that admission takes, and goes where the regular ones go', () => {
    const destination = { s3: { bucket: 'b', region: 'r' } };
    const made = backupOf(database('orders', { backup: { destination } }), { now, verify: true, retention: '90d' });
    assert.equal(made.metadata.name, 'orders-20260531-120000');
    assert.deepEqual(made.spec, {
      databaseRef: { name: 'orders' },
      destination,
      verify: { enabled: true },
      retention: '90d',
    });
    const long = backupOf(database('a'.repeat(45)), { now, verify: false });
    assert.equal(long.metadata.name.length, 45);
    assert.deepEqual(long.spec, { databaseRef: { name: 'a'.repeat(45) } });
  });

  it('is done with what there is to say, or failed with the reason', () => {
    const complete = {
      phase: 'Completed',
      start: '2026-05-31T12:00:00Z',
      end: '2026-05-31T12:02:30Z',
      size: '1.5Gi',
      location: 's3://b/x',
    };
    assert.deepEqual(judgeBackup(object(complete)), { done: 'orders is complete, 1.5Gi in 2m, at s3://b/x' });
    assert.deepEqual(judgeBackup(object({ phase: 'Completed' })), { done: 'orders is complete' });
    assert.equal(judgeBackup(object({ phase: 'Running' })), undefined);
    const failed = { phase: 'Failed', conditions: [condition('Ready', 'False', 'VolumeFull', 'the volume is full')] };
    assert.deepEqual(judgeBackup(object(failed)), { failed: 'the backup failed: the volume is full' });
    const unsupported = {
      phase: 'Pending',
      conditions: [condition('Ready', 'False', 'KindNotSupported', 'not by this release')],
    };
    assert.deepEqual(judgeBackup(object(unsupported)), { failed: 'orders: not by this release' });
  });

  it('is restored into a new Database with the spec of the old one, but not its sleep', () => {
    const old = database('orders', {
      engine: 'redis',
      replicas: 3,
      hibernate: true,
      paused: true,
      bootstrap: { recovery: { backupRef: { name: 'x' } } },
    });
    assert.deepEqual(restored(old, { name: 'orders2', namespace: 'shop', from: 'b1' }), {
      apiVersion: 'example.com/v1',
      kind: 'Database',
      metadata: { name: 'orders2', namespace: 'shop' },
      spec: { engine: 'redis', replicas: 3, bootstrap: { recovery: { backupRef: { name: 'b1' } } } },
    });
  });

  it('is restored to a moment from the bucket of the old one, under the names that are in the data', () => {
    const s3 = { bucket: 'backups', region: 'eu-central-1', prefix: 'a/' };
    const backup = { enabled: true, pointInTime: true, encryptionSecret: 'key', destination: { s3 } };
    const old = database('orders', { engine: 'postgresql', backup });
    const time = '2026-05-31T12:00:00Z';
    assert.deepEqual(restored(old, { name: 'orders2', namespace: 'shop', time }).spec, {
      databaseName: 'orders',
      username: 'orders',
      engine: 'postgresql',
      backup,
      bootstrap: {
        recovery: { s3: { ...s3, path: 'shop/orders' }, encryptionSecret: 'key', targetTime: time },
      },
    });
  });
});
