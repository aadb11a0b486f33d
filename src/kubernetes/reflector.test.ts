import assert from 'node:assert/strict';
import { fakeClock } from '../../test/simulation/fake-clock.ts';
import { bookmark, configMap, scriptedReads } from '../../test/support/scripted-client.ts';
import { ConfigMap } from '../api/resources.ts';
import type { WatchEvent } from './client.ts';
import { ApiError } from './errors.ts';
import { createMemoryStore } from './memory-store.ts';
import { startReflector } from './reflector.ts';
import type { ReflectorOptions } from './reflector.ts';

const gone = new ApiError('too old resource version', { code: 410, reason: 'Expired' });
const refused = (code: number): ApiError => new ApiError('sendInitialEvents is forbidden', { code, reason: 'Invalid' });
const added = (name: string, version: string): WatchEvent => ({ type: 'ADDED', object: configMap(name, version) });
const errorEvent = (code: number, message: string, details = {}): WatchEvent => ({
  type: 'ERROR',
  object: { apiVersion: 'v1', kind: 'Status', metadata: { name: '' }, code, message, details },
});

function setup(options: Partial<ReflectorOptions> = {}) {
  const clock = fakeClock();
  const reads = scriptedReads();
  const store = createMemoryStore();
  const errors: { error: unknown; wait: number }[] = [];
  const start = () =>
    startReflector({
      client: reads,
      clock,
      random: () => 0,
      resource: ConfigMap,
      store,
      onError: (error, wait) => errors.push({ error, wait }),
      ...options,
    });
  const names = () => store.list().map(({ metadata }) => metadata.name);
  return { clock, reads, store, errors, start, names };
}

/** Started and synced by WatchList with the object `a`, the watch still open. */
async function synced(options: Partial<ReflectorOptions> = {}) {
  const context = setup(options);
  const reflector = context.start();
  await context.clock.advance(0);
  context.reads.watches[0]!.send(added('a', '5'), bookmark('7', true));
  await reflector.synced;
  return { ...context, reflector };
}

describe('reflector', () => {
  it('takes the initial state from a WatchList as it comes, and is in step only when it is whole', async () => {
    const { clock, reads, store, start } = setup();
    const changes: unknown[] = [];
    store.onChange(({ initial, after }) => changes.push([initial, after?.metadata.name]));
    const reflector = start();
    await clock.advance(0);
    const [watch] = reads.watches;
    assert.equal(watch?.options.sendInitialEvents, true);
    assert.equal(watch.options.resourceVersion, undefined);
    watch.send(added('a', '5'), added('b', '6'));
    await clock.advance(0);
    const first = [
      [true, 'a'],
      [true, 'b'],
    ];
    assert.deepEqual([store.synced, reflector.heardAt(), changes], [false, undefined, first]);
    watch.send(bookmark('7', true));
    await reflector.synced;
    assert.equal(store.synced, true);
    assert.deepEqual(changes, first);
    watch.send(added('c', '8'));
    await clock.advance(0);
    assert.deepEqual(changes.at(-1), [false, 'c']);
    assert.equal(reads.lists.length, 0);
    await reflector.stop();
  });

  it('asks for a watch of five to ten minutes', async () => {
    for (const [random, seconds] of [
      [0, 300],
      [0.9999, 599],
    ] as const) {
      const { clock, reads, start } = setup({ random: () => random });
      const reflector = start();
      await clock.advance(0);
      assert.equal(reads.watches[0]?.options.timeoutSeconds, seconds);
      await reflector.stop();
    }
  });

  it('goes on from the last bookmark when a watch ends, without listing and without waiting', async () => {
    const { clock, reads, errors, reflector } = await synced();
    reads.watches[0]!.send(bookmark('42'));
    await clock.advance(400_000);
    reads.watches[0]!.end();
    await clock.advance(0);
    assert.equal(reads.watches.length, 2);
    assert.equal(reads.watches[1]?.options.resourceVersion, '42');
    assert.equal(reads.watches[1].options.sendInitialEvents, undefined);
    assert.deepEqual([reads.lists.length, errors.length], [0, 0]);
    await reflector.stop();
  });

  it('resumes from the last event after a broken connection', async () => {
    const { clock, reads, errors, names, reflector } = await synced();
    reads.watches[0]!.send(added('b', '9'));
    reads.watches[0]!.end(new ApiError('read ECONNRESET', { code: 0, reason: 'Unreachable' }));
    await clock.advance(800);
    assert.equal(reads.watches[1]?.options.resourceVersion, '9');
    assert.equal(errors[0]?.wait, 800);
    assert.deepEqual(names(), ['a', 'b']);
    await reflector.stop();
  });

  for (const [how, fail] of [
    [
      'as an ERROR event in the stream',
      (reads: ReturnType<typeof scriptedReads>) => reads.watches[0]!.send(errorEvent(410, 'too old')),
    ],
    [
      'as the HTTP status of the next watch',
      (reads: ReturnType<typeof scriptedReads>) => {
        reads.failWatch(gone);
        reads.watches[0]!.end(new ApiError('reset', { code: 0, reason: 'Unreachable' }));
      },
    ],
  ] as const) {
    it(`reads everything again on 410 ${how}, and drops what vanished meanwhile`, async () => {
      const { clock, reads, names, reflector } = await synced();
      fail(reads);
      await clock.advance(5000);
      const last = reads.watches.at(-1)!;
      assert.equal(last.options.sendInitialEvents, true);
      last.send(added('b', '50'), bookmark('51', true));
      await clock.advance(0);
      assert.deepEqual(names(), ['b']);
      await reflector.stop();
    });
  }

  it('reads everything again when the server knows nothing as new as we do (etcd was restored)', async () => {
    const { clock, reads, reflector } = await synced();
    reads.watches[0]!.send(errorEvent(504, 'Too large resource version: 7, current: 3', { retryAfterSeconds: 1 }));
    await clock.advance(1000);
    assert.equal(reads.watches[1]?.options.sendInitialEvents, true);
    await reflector.stop();
  });

  for (const code of [400, 422]) {
    it(`falls back to a paged list where WatchList is refused with ${code}, and remembers it`, async () => {
      const { clock, reads, names, errors, start } = setup();
      reads.failWatch(refused(code));
      reads.answerList({ items: [configMap('a', '1')], resourceVersion: '9', continue: 'next' });
      reads.answerList({ items: [configMap('b', '2')], resourceVersion: '9' });
      const reflector = start();
      await reflector.synced;
      await clock.advance(0);
      assert.deepEqual(
        reads.lists.map(({ limit, continue: token }) => [limit, token]),
        [
          [100, undefined],
          [100, 'next'],
        ],
      );
      assert.deepEqual(names(), ['a', 'b']);
      assert.equal(reads.watches[1]?.options.resourceVersion, '9');
      assert.deepEqual(errors, []);
      reads.watches[1].send(errorEvent(410, 'too old'));
      await clock.advance(800);
      assert.equal(reads.lists.length, 3);
      await reflector.stop();
    });
  }

  it('lists without pages when a continue token has expired', async () => {
    const { reads, names, start } = setup();
    reads.failWatch(refused(422));
    reads.answerList({ items: [configMap('a', '1')], resourceVersion: '9', continue: 'next' });
    reads.answerList(gone);
    reads.answerList({ items: [configMap('b', '2')], resourceVersion: '10' });
    const reflector = start();
    await reflector.synced;
    assert.equal(reads.lists[2]?.limit, undefined);
    assert.deepEqual(names(), ['b']);
    await reflector.stop();
  });

  it('lists after two WatchLists that ended before they were complete (a proxy that drops the parameters)', async () => {
    const { clock, reads, names, start } = setup();
    reads.answerList({ items: [configMap('b', '2')], resourceVersion: '10' });
    const reflector = start();
    for (const index of [0, 1]) {
      await clock.advance(2000);
      reads.watches[index]!.send(added('a', '1'));
      reads.watches[index]!.end();
    }
    await clock.advance(5000);
    await reflector.synced;
    assert.deepEqual(names(), ['b']);
    await reflector.stop();
  });

  it('waits 800 ms, doubling up to 30 s, each plus up to as much again', async () => {
    const unreachable = new ApiError('no', { code: 0, reason: 'Unreachable' });
    const { clock, reads, errors, start } = setup({ random: () => 0.5 });
    for (let index = 0; index < 10; index += 1) reads.failWatch(unreachable);
    const reflector = start();
    await clock.advance(600_000);
    const waits = errors.map(({ wait }) => wait);
    assert.deepEqual(waits.slice(0, 7), [1200, 2400, 4800, 9600, 19_200, 38_400, 45_000]);
    assert.equal(waits.length, 10);
    await reflector.stop();
  });

  it('starts over from the first delay after ten healthy seconds', async () => {
    const broken = new ApiError('no', { code: 0, reason: 'Unreachable' });
    const { clock, reads, errors, reflector } = await synced();
    reads.failWatch(broken);
    reads.watches[0]!.end(broken);
    await clock.advance(10_000);
    assert.deepEqual(
      errors.map(({ wait }) => wait),
      [800, 1600],
    );
    await clock.advance(12_000);
    reads.watches.at(-1)!.end(broken);
    await clock.advance(0);
    assert.equal(errors.at(-1)?.wait, 800);
    await reflector.stop();
  });

  it('waits as long as a 429 asks', async () => {
    const { clock, reads, errors, start } = setup();
    reads.failWatch(new ApiError('busy', { code: 429, reason: 'TooManyRequests', retryAfterSeconds: 17 }));
    const reflector = start();
    await clock.advance(16_999);
    assert.deepEqual([reads.watches.length, errors[0]?.wait], [1, 17_000]);
    await clock.advance(1);
    assert.equal(reads.watches.length, 2);
    await reflector.stop();
  });

  it('does not spin when watches are closed at once', async () => {
    const { clock, reads, reflector } = await synced();
    await clock.advance(5000);
    reads.watches[0]!.end();
    await clock.advance(0);
    for (let second = 0; second < 60; second += 1) {
      reads.watches.at(-1)!.end();
      await clock.advance(1000);
    }
    assert.ok(reads.watches.length < 12, `${reads.watches.length} watches in a minute`);
    await reflector.stop();
  });

  it('reports a resource without CRD as absent, starts without it, and finds it when it appears', async () => {
    const absent: boolean[] = [];
    const { clock, reads, store, errors, start } = setup({ onAbsent: (is) => absent.push(is) });
    reads.failWatch(
      new ApiError('the server could not find the requested resource', { code: 404, reason: 'NotFound' }),
    );
    const reflector = start();
    await reflector.synced;
    assert.deepEqual([reflector.absent, store.synced, absent, errors.length], [true, true, [true], 0]);
    await clock.advance(59_999);
    assert.equal(reads.watches.length, 1);
    await clock.advance(1);
    reads.watches[1]!.send(added('a', '5'), bookmark('7', true));
    await clock.advance(0);
    assert.deepEqual([reflector.absent, store.list().length, absent], [false, 1, [true, false]]);
    await reflector.stop();
  });

  it('forgets the objects of a resource whose CRD is deleted', async () => {
    const { clock, reads, reflector, names } = await synced();
    reads.failWatch(new ApiError('not found', { code: 404, reason: 'NotFound' }));
    await clock.advance(2000);
    reads.watches[0]!.end();
    await clock.advance(0);
    assert.deepEqual([reflector.absent, names()], [true, []]);
    await reflector.stop();
  });

  it('keeps what it has while it may not read', async () => {
    const { clock, reads, reflector, names, errors } = await synced();
    reads.failWatch(new ApiError('forbidden', { code: 403, reason: 'Forbidden' }));
    await clock.advance(2000);
    reads.watches[0]!.end();
    await clock.advance(0);
    assert.deepEqual([names(), errors.length, reflector.absent], [['a'], 1, false]);
    await reflector.stop();
  });

  it('watches each namespace by itself and is synced when all are', async () => {
    const { clock, reads, store, start } = setup({ namespaces: ['left', 'right'] });
    const reflector = start();
    await clock.advance(0);
    assert.deepEqual(
      reads.watches.map(({ options }) => options.namespace),
      ['left', 'right'],
    );
    reads.watches[0]!.send({ type: 'ADDED', object: configMap('a', '1', { namespace: 'left' }) }, bookmark('2', true));
    await clock.advance(0);
    assert.equal(store.synced, false);
    reads.watches[1]!.send({ type: 'ADDED', object: configMap('b', '1', { namespace: 'right' }) }, bookmark('2', true));
    await reflector.synced;
    assert.equal(store.list().length, 2);
    await reflector.stop();
  });

  it('stores objects without managedFields and last-applied, then as the caller wants them', async () => {
    const { clock, reads, store, start } = setup({
      transform: ({ apiVersion, kind, metadata }) => ({ apiVersion, kind, metadata }),
    });
    const reflector = start();
    await clock.advance(0);
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': '{}', mine: 'x' };
    const object = configMap('a', '5', { data: { big: 'x' } });
    const full = { ...object, metadata: { ...object.metadata, annotations, managedFields: [{ manager: 'x' }] } };
    reads.watches[0]!.send({ type: 'ADDED', object: full }, bookmark('7', true));
    await reflector.synced;
    const stored = store.get('ns', 'a')!;
    assert.deepEqual(stored.metadata.annotations, { mine: 'x' });
    assert.equal('managedFields' in stored.metadata, false);
    assert.equal('data' in stored, false);
    assert.equal('managedFields' in full.metadata, true);
    await reflector.stop();
  });

  it('stops at once and leaves no timer behind, in a watch or in a wait', async () => {
    const first = await synced();
    await first.reflector.stop();
    assert.equal(first.clock.pending, 0);
    const second = setup();
    second.reads.failWatch(new ApiError('no', { code: 0, reason: 'Unreachable' }));
    const reflector = second.start();
    await second.clock.advance(0);
    assert.equal(second.clock.pending, 1);
    await reflector.stop();
    assert.deepEqual([second.clock.pending, second.reads.watches.length], [0, 1]);
  });
});
