import assert from 'node:assert/strict';
import { fakeClock } from '../test/simulation/fake-clock.ts';
import { createLifecycle, type Part } from './lifecycle.ts';
import { silentLogger } from './observe/logger.ts';

describe('lifecycle', () => {
  const setup = (): { told: string[]; part: (name: string, rest?: Partial<Part>) => Part } => {
    const told: string[] = [];
    const part = (name: string, rest: Partial<Part> = {}): Part => ({
      name,
      start: () => {
        told.push(`start ${name}`);
        return Promise.resolve(() => {
          told.push(`stop ${name}`);
          return Promise.resolve();
        });
      },
      ...rest,
    });
    return { told, part };
  };
  const options = { clock: fakeClock(), logger: silentLogger, stopTimeout: 1_000 };

  it('starts in order and stops in reverse', async () => {
    const { told, part } = setup();
    const { start, stop } = createLifecycle([part('a'), part('b')], options);
    await start();
    await stop();
    await stop();
    assert.deepEqual(told, ['start a', 'start b', 'stop b', 'stop a']);
  });

  it('stops what was started when a part fails, and says why', async () => {
    const { told, part } = setup();
    const bad = part('bad', { start: () => Promise.reject(new Error('port taken')) });
    const { start } = createLifecycle([part('a'), bad, part('c')], options);
    await assert.rejects(start(), /port taken/);
    assert.deepEqual(told, ['start a', 'stop a']);
  });

  it('goes on when a part fails to stop or takes too long', async () => {
    const { told, part } = setup();
    const clock = fakeClock();
    const failing = part('failing', { start: () => Promise.resolve(() => Promise.reject(new Error('no'))) });
    const hanging = part('hanging', { start: () => Promise.resolve(() => new Promise<void>(() => undefined)) });
    const { start, stop } = createLifecycle([part('a'), failing, hanging], { ...options, clock });
    await start();
    const stopped = stop();
    await clock.advance(1_000);
    await stopped;
    assert.deepEqual(told, ['start a', 'stop a']);
    assert.equal(clock.pending, 0);
  });

  it('starts no further part once it is stopped, and leaves none behind', async () => {
    const { told, part } = setup();
    let release = (): void => undefined;
    const slow = part('slow', {
      start: async () => {
        await new Promise<void>((resolve) => (release = resolve));
        return () => {
          told.push('stop slow');
          return Promise.resolve();
        };
      },
    });
    const { start, stop } = createLifecycle([slow, part('next')], options);
    const starting = start();
    await stop();
    release();
    await starting;
    assert.deepEqual(told, ['stop slow']);
  });
});
