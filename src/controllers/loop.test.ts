import assert from 'node:assert/strict';
import { ApiError } from '../kubernetes/errors.ts';
import { fakeClock } from '../../test/simulation/fake-clock.ts';
import { startLoop } from './loop.ts';
import type { LoopOptions } from './loop.ts';
import { makeQueue } from './queue.ts';

const setUp = (reconcile: LoopOptions['reconcile'], workers = 1) => {
  const clock = fakeClock();
  const queue = makeQueue({ clock });
  const results: string[] = [];
  const errors: string[] = [];
  const loop = startLoop({
    queue,
    clock,
    reconcile,
    workers,
    timeoutMs: 60_000,
    giveWay: () => Promise.resolve(),
    observer: { onPass: (result) => results.push(result), onError: (key) => errors.push(key) },
  });
  return { clock, queue, loop, results, errors };
};

describe('reconcile loop', () => {
  it('tries a failing key again with backoff while others go on', async () => {
    const passes: string[] = [];
    const { clock, queue, loop, errors } = setUp((key) => {
      passes.push(key);
      return key === 'bad' ? Promise.reject(new Error('no')) : Promise.resolve({});
    });
    queue.add('bad');
    for (const key of ['a', 'b', 'c']) queue.add(key);
    await clock.advance(4);
    assert.deepEqual(passes, ['bad', 'a', 'b', 'c']);
    await clock.advance(100);
    assert.equal(passes.filter((key) => key === 'bad').length, 5);
    assert.equal(errors.length, 5);
    await loop.stop();
  });

  it('starts the backoff anew after a success', async () => {
    let fail = true;
    const { clock, queue, loop } = setUp(() => (fail ? Promise.reject(new Error('no')) : Promise.resolve({})));
    queue.add('a');
    await clock.advance(20);
    assert.ok(queue.retries('a') > 1);
    fail = false;
    await clock.advance(1000);
    assert.equal(queue.retries('a'), 0);
    await loop.stop();
  });

  it('comes back when a pass asks for it', async () => {
    let passes = 0;
    const { clock, queue, loop, results } = setUp(() => {
      passes++;
      return Promise.resolve({ requeueAfterSeconds: 30 });
    });
    queue.add('a');
    await clock.advance(29_999);
    assert.equal(passes, 1);
    await clock.advance(1);
    assert.equal(passes, 2);
    assert.deepEqual(results, ['requeue_after', 'requeue_after']);
    await loop.stop();
  });

  it('does not call a conflict a fault', async () => {
    let passes = 0;
    const { clock, queue, loop, results, errors } = setUp(() => {
      if (passes++ > 0) return Promise.resolve({});
      return Promise.reject(new ApiError('changed meanwhile', { code: 409, reason: 'Conflict' }));
    });
    queue.add('a');
    await clock.advance(100);
    assert.deepEqual([results, errors], [['requeue', 'success'], []]);
    await loop.stop();
  });

  it('stays away as long as the server asked', async () => {
    let passes = 0;
    const { clock, queue, loop } = setUp(() => {
      passes++;
      return Promise.reject(new ApiError('busy', { code: 429, reason: 'TooManyRequests', retryAfterSeconds: 7 }));
    });
    queue.add('a');
    await clock.advance(6999);
    assert.equal(passes, 1);
    await clock.advance(1);
    assert.equal(passes, 2);
    await loop.stop();
  });

  it('gives back the worker of a pass that hangs, but never runs its key twice at once', async () => {
    let active = 0;
    let most = 0;
    let end = (): void => undefined;
    const passes: string[] = [];
    const { clock, queue, loop } = setUp(async (key) => {
      passes.push(key);
      if (key !== 'hangs') return {};
      most = Math.max(most, ++active);
      await new Promise<void>((resolve) => (end = resolve));
      active--;
      return {};
    });
    queue.add('hangs');
    await clock.advance(1);
    queue.add('hangs');
    queue.add('a');
    await clock.advance(59_000);
    assert.deepEqual(passes, ['hangs']);
    await clock.advance(1000);
    assert.deepEqual(passes, ['hangs', 'a'], 'another key is served after the time limit');
    await clock.advance(10_000);
    assert.deepEqual(passes, ['hangs', 'a']);
    end();
    await clock.advance(10);
    assert.deepEqual(passes, ['hangs', 'a', 'hangs']);
    assert.equal(most, 1);
    end();
    await loop.stop();
  });

  it('aborts a pass that takes too long', async () => {
    let aborted = false;
    const { clock, queue, loop, results } = setUp(
      (_key, signal) =>
        new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => {
            aborted = true;
            reject(new Error('aborted'));
          }),
        ),
    );
    queue.add('a');
    await clock.advance(60_000);
    assert.ok(aborted);
    assert.equal(results[0], 'error');
    await loop.stop();
  });

  it('works on several keys at a time, at most as many as it has workers', async () => {
    let active = 0;
    let most = 0;
    const { clock, queue, loop } = setUp(async () => {
      most = Math.max(most, ++active);
      await new Promise<void>((resolve) => clock.after(10, resolve));
      active--;
      return {};
    }, 3);
    for (let i = 0; i < 10; i++) queue.add(`k${i}`);
    await clock.advance(100);
    assert.equal(most, 3);
    await loop.stop();
  });

  it('ends its workers and aborts what is under way when stopped', async () => {
    let aborted = false;
    const { clock, queue, loop } = setUp(
      (_key, signal) =>
        new Promise((resolve) =>
          signal.addEventListener('abort', () => {
            aborted = true;
            resolve({});
          }),
        ),
    );
    queue.add('a');
    await clock.advance(1);
    await loop.stop();
    assert.ok(aborted);
  });
});
