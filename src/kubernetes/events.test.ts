import assert from 'node:assert/strict';
import { fakeClock } from '../../test/simulation/fake-clock.ts';
import { configMap } from '../../test/support/scripted-client.ts';
import type { KubernetesObject } from '../api/object.ts';
import { ApiError } from './errors.ts';
import { createEventRecorder } from './events.ts';
import type { EventInput } from './events.ts';
import { microTime } from './microtime.ts';

function setup() {
  const clock = fakeClock(Date.UTC(2026, 10, 20, 10, 11, 12, 123));
  const created: KubernetesObject[] = [];
  const patched: { name: string; patch: { series: { count: number; lastObservedTime: string } } }[] = [];
  const errors: unknown[] = [];
  const failures: Error[] = [];
  const answer = <T>(value: T): Promise<T> => {
    const failure = failures.shift();
    return failure === undefined ? Promise.resolve(value) : Promise.reject(failure);
  };
  let random = 0;
  const recorder = createEventRecorder({
    clock,
    random: () => (random = (random + 0.123) % 1),
    reportingController: 'example.com/database-operator',
    reportingInstance: 'operator-0',
    onError: (error) => errors.push(error),
    client: {
      create: (_, object) => {
        created.push(object);
        return answer(object);
      },
      mergePatch: (ref, patch) => {
        patched.push({ name: ref.name, patch: patch as (typeof patched)[number]['patch'] });
        return answer(configMap('x', '1'));
      },
    },
  });
  return { clock, created, patched, errors, failures, recorder };
}

const event = (rest: Partial<EventInput> = {}): EventInput => ({
  regarding: configMap('db', '1'),
  type: 'Warning',
  reason: 'NameConflict',
  action: 'Reconcile',
  note: 'Service db is not ours',
  ...rest,
});

describe('Events', () => {
  it('have a time with exactly six fraction digits', () => {
    assert.equal(microTime(Date.UTC(2026, 10, 20, 10, 11, 12, 123)), '2026-11-20T10:11:12.123000Z');
    assert.equal(microTime(0), '1970-01-01T00:00:00.000000Z');
  });

  it('carry everything that events.k8s.io/v1 asks for and none of the deprecated fields', async () => {
    const { created, recorder } = setup();
    recorder.record(event());
    await recorder.flush();
    const { metadata, ...body } = created[0]!;
    assert.match(metadata.name, /^db\.[0-9a-f]+$/);
    assert.equal(metadata.namespace, 'ns');
    assert.deepEqual(body, {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      eventTime: '2026-11-20T10:11:12.123000Z',
      type: 'Warning',
      reason: 'NameConflict',
      action: 'Reconcile',
      note: 'Service db is not ours',
      regarding: { apiVersion: 'v1', kind: 'ConfigMap', name: 'db', namespace: 'ns', uid: 'uid-db' },
      reportingController: 'example.com/database-operator',
      reportingInstance: 'operator-0',
    });
  });

  it('of cluster-scoped objects go to the namespace default', async () => {
    const { created, recorder } = setup();
    recorder.record(event({ regarding: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'x' } } }));
    await recorder.flush();
    assert.equal(created[0]?.metadata.namespace, 'default');
  });

  for (const [what, note] of [
    ['ASCII', 'x'.repeat(3000)],
    ['umlauts', 'ü'.repeat(3000)],
    ['emoji', '🐘'.repeat(999)],
  ] as const) {
    it(`cut a long note of ${what} to 1024 bytes between characters`, async () => {
      const { created, recorder } = setup();
      recorder.record(event({ note }));
      await recorder.flush();
      const cut = String(created[0]?.['note']);
      assert.ok(Buffer.byteLength(cut) <= 1024 && Buffer.byteLength(cut) > 1015, `${Buffer.byteLength(cut)} bytes`);
      assert.ok(note.startsWith(cut.slice(0, -1)) && cut.endsWith('…'));
    });
  }

  it('become a count when they repeat: at once for the first repeat, then every half hour', async () => {
    const { clock, created, patched, recorder } = setup();
    for (let minute = 0; minute < 62; minute += 1) {
      recorder.record(event());
      await clock.advance(60_000);
    }
    await recorder.flush();
    assert.equal(created.length, 1);
    assert.deepEqual(
      patched.map(({ patch }) => patch.series.count),
      [2, 32, 62],
    );
    assert.equal(patched[0]?.name, created[0]?.metadata.name);
    assert.match(patched[0]?.patch.series.lastObservedTime ?? '', /\.\d{6}Z$/);
  });

  it('begin anew after six silent minutes, with the old count written to the end', async () => {
    const { clock, created, patched, recorder } = setup();
    for (const seconds of [0, 1, 1]) {
      await clock.advance(seconds * 1000);
      recorder.record(event());
    }
    await clock.advance(360_001);
    recorder.record(event());
    await recorder.flush();
    assert.equal(created.length, 2);
    assert.deepEqual(
      patched.map(({ patch }) => patch.series.count),
      [2, 3],
    );
  });

  it('of different reasons, objects or types are different', async () => {
    const { created, recorder } = setup();
    for (const rest of [{}, { reason: 'Other' }, { type: 'Normal' }, { regarding: configMap('other', '1') }] as const) {
      recorder.record(event(rest));
    }
    await recorder.flush();
    assert.equal(created.length, 4);
    assert.equal(new Set(created.map(({ metadata }) => metadata.name)).size, 4);
  });

  it('of one object are limited to 25 at once and then one in five minutes; others are not affected', async () => {
    const { clock, created, recorder } = setup();
    for (let index = 0; index < 100; index += 1) recorder.record(event({ reason: `Reason${index}` }));
    await recorder.flush();
    assert.equal(created.length, 25);
    recorder.record(event({ regarding: configMap('other', '1') }));
    await clock.advance(300_000);
    for (let index = 100; index < 110; index += 1) recorder.record(event({ reason: `Reason${index}` }));
    await recorder.flush();
    assert.equal(created.length, 27);
  });

  it('are tried three times while the server is busy, and one that was made though its answer got lost is made once', async () => {
    const { clock, created, errors, failures, recorder } = setup();
    failures.push(
      new ApiError('timed out', { code: 0, reason: 'Timeout' }),
      new ApiError('exists', { code: 409, reason: 'AlreadyExists' }),
    );
    recorder.record(event());
    await clock.advance(1000);
    await recorder.flush();
    assert.deepEqual([created.length, errors.length], [2, 0]);
    assert.equal(created[0]?.metadata.name, created[1]?.metadata.name);
    for (let n = 0; n < 3; n++) failures.push(new ApiError('down', { code: 503, reason: 'ServiceUnavailable' }));
    recorder.record(event({ reason: 'Other' }));
    await clock.advance(3000);
    await recorder.flush();
    assert.deepEqual([created.length, errors.length, failures.length], [5, 1, 0]);
  });

  it('are not tried again by who is no longer the leader', async () => {
    const { created, errors, failures, recorder } = setup();
    failures.push(new ApiError('refused', { code: 0, reason: 'NotLeader' }));
    recorder.record(event());
    await recorder.flush();
    assert.deepEqual([created.length, errors.length], [1, 1]);
  });

  it('never fail their caller: errors are told, and a count whose Event has expired starts over', async () => {
    const { created, patched, errors, failures, recorder } = setup();
    failures.push(new ApiError('namespace is being terminated', { code: 403, reason: 'Forbidden' }));
    recorder.record(event());
    await recorder.flush();
    assert.equal(errors.length, 1);
    failures.push(new ApiError('not found', { code: 404, reason: 'NotFound' }));
    recorder.record(event());
    await recorder.flush();
    assert.deepEqual([patched.length, errors.length], [1, 1]);
    recorder.record(event());
    await recorder.flush();
    assert.equal(created.length, 2);
  });
});
