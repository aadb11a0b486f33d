import assert from 'node:assert/strict';
import { fakeClock } from '../../test/simulation/fake-clock.ts';
import { LOW_PRIORITY, makeQueue } from './queue.ts';

const setUp = () => {
  const clock = fakeClock();
  const queue = makeQueue({ clock });
  const taken: string[] = [];
  const take = async (): Promise<string | undefined> => {
    const key = await Promise.race([queue.next(), Promise.resolve().then(() => undefined)]);
    if (key !== undefined) taken.push(key);
    return key;
  };
  return { clock, queue, take };
};

describe('work queue', () => {
  it('hands out a key that was added many times once', async () => {
    const { queue } = setUp();
    for (let i = 0; i < 5; i++) queue.add('a');
    assert.equal(queue.length, 1);
    assert.equal(await queue.next(), 'a');
    assert.equal(queue.length, 0);
  });

  it('is first in, first out within a priority', async () => {
    const { queue } = setUp();
    for (const key of ['a', 'b', 'c']) queue.add(key);
    queue.add('a');
    assert.deepEqual([await queue.next(), await queue.next(), await queue.next()], ['a', 'b', 'c']);
  });

  it('lets a higher priority overtake five thousand keys of a start', async () => {
    const { queue } = setUp();
    for (let i = 0; i < 5000; i++) queue.add(`start/${i}`, { priority: LOW_PRIORITY });
    queue.add('edited');
    assert.equal(await queue.next(), 'edited');
    assert.equal(await queue.next(), 'start/0');
  });

  it('keeps the highest priority that a key was given', async () => {
    const { queue } = setUp();
    queue.add('low', { priority: LOW_PRIORITY });
    queue.add('raised', { priority: LOW_PRIORITY });
    queue.add('raised', { priority: 5 });
    queue.add('raised', { priority: LOW_PRIORITY });
    assert.equal(await queue.next(), 'raised');
  });

  it('puts a raised key at the tail of its new level', async () => {
    const { queue } = setUp();
    queue.add('late', { priority: LOW_PRIORITY });
    queue.add('a');
    queue.add('late');
    queue.add('b');
    assert.deepEqual([await queue.next(), await queue.next(), await queue.next()], ['a', 'late', 'b']);
  });

  it('does not hand out a delayed key before its time', async () => {
    const { clock, queue } = setUp();
    queue.add('later', { afterMs: 1000 });
    assert.equal(queue.length, 0, 'waiting keys are not counted');
    const next = queue.next();
    let got: string | undefined;
    void next.then((key) => (got = key));
    await clock.advance(999);
    assert.equal(got, undefined);
    await clock.advance(1);
    assert.equal(got, 'later');
  });

  it('takes the shorter of two delays', async () => {
    const { clock, queue } = setUp();
    queue.add('a', { afterMs: 1000 });
    queue.add('a', { afterMs: 100 });
    queue.add('a', { afterMs: 5000 });
    await clock.advance(100);
    assert.equal(queue.length, 1);
  });

  it('makes a waiting key ready when it is added without delay', async () => {
    const { queue } = setUp();
    queue.add('a', { afterMs: 1000 });
    queue.add('a');
    assert.equal(await queue.next(), 'a');
  });

  it('does not delay a key that is ready', async () => {
    const { queue } = setUp();
    queue.add('a');
    queue.add('a', { afterMs: 60_000 });
    assert.equal(queue.length, 1);
    assert.equal(await queue.next(), 'a');
  });

  it('queues a ripened key behind those that are ready', async () => {
    const { clock, queue } = setUp();
    queue.add('slow', { afterMs: 10 });
    queue.add('a');
    await clock.advance(10);
    queue.add('b');
    assert.deepEqual([await queue.next(), await queue.next(), await queue.next()], ['a', 'slow', 'b']);
  });

  it('never gives a key to two workers at once, and gives it again after done', async () => {
    const { queue, take } = setUp();
    queue.add('a');
    assert.equal(await queue.next(), 'a');
    queue.add('a');
    assert.equal(queue.length, 0);
    const second = queue.next();
    let got: string | undefined;
    void second.then((key) => (got = key));
    await Promise.resolve();
    assert.equal(got, undefined);
    queue.done('a');
    assert.equal(await second, 'a');
    queue.done('a');
    assert.equal(await take(), undefined, 'and not a third time');
  });

  it('lets other keys pass one that is being worked on', async () => {
    const { queue } = setUp();
    queue.add('a');
    await queue.next();
    queue.add('a', { priority: 10 });
    queue.add('b');
    assert.equal(await queue.next(), 'b');
  });

  it('keeps a delay that was asked for while the key was being worked on', async () => {
    const { queue, take } = setUp();
    queue.add('a');
    await queue.next();
    queue.add('a', { afterMs: 50 });
    queue.done('a');
    assert.equal(await take(), undefined);
  });

  it('is ready at once after done when the delay has passed meanwhile', async () => {
    const { clock, queue } = setUp();
    queue.add('a');
    await queue.next();
    queue.add('a', { afterMs: 50 });
    await clock.advance(60);
    queue.done('a');
    assert.equal(queue.length, 1);
    assert.equal(await queue.next(), 'a');
  });

  it('backs off 5 ms, 10 ms, 20 ms … 1000 s per key, and anew after forget', async () => {
    const { clock, queue } = setUp();
    const delays: number[] = [];
    for (let n = 0; n < 60; n++) {
      const before = clock.now();
      queue.addRateLimited('bad');
      const next = queue.next();
      await clock.runNext();
      assert.equal(await next, 'bad');
      delays.push(clock.now() - before);
      queue.done('bad');
    }
    assert.deepEqual(delays.slice(0, 4), [5, 10, 20, 40]);
    assert.equal(delays.at(-1), 1_000_000);
    assert.equal(queue.retries('bad'), 60);
    queue.addRateLimited('good');
    await clock.advance(5);
    assert.equal(await queue.next(), 'good', 'the failures of one key cost another nothing');
    queue.forget('bad');
    assert.equal(queue.retries('bad'), 0);
    queue.addRateLimited('bad');
    await clock.advance(5);
    assert.equal(await queue.next(), 'bad');
  });

  it('unblocks those who wait when it is shut down, and takes nothing more', async () => {
    const { clock, queue } = setUp();
    const waiting = [queue.next(), queue.next()];
    queue.add('later', { afterMs: 10 });
    queue.shutDown();
    assert.deepEqual(await Promise.all(waiting), [undefined, undefined]);
    queue.add('a');
    assert.equal(await queue.next(), undefined);
    assert.equal(clock.pending, 0, 'no timer is left behind');
  });

  it('serves waiting workers in the order in which they came', async () => {
    const { queue } = setUp();
    const got: string[] = [];
    const workers = [1, 2].map((n) => queue.next().then((key) => got.push(`${n}:${key}`)));
    queue.add('a');
    queue.add('b');
    await Promise.all(workers);
    assert.deepEqual(got, ['1:a', '2:b']);
  });
});
