/** A clock for tests: time moves only when it is told to, and microtasks run between timers. */
import type { Clock } from '../../src/values/clock.ts';

export interface FakeClock extends Clock {
  /** Runs everything that is due within so many milliseconds, in order. */
  advance(milliseconds: number): Promise<void>;
  /** Jumps to the next timer and runs it. */
  runNext(): Promise<void>;
  readonly pending: number;
}

export function fakeClock(start = Date.UTC(2026, 0, 1)): FakeClock {
  let now = start;
  let counter = 0;
  const timers = new Map<number, { at: number; callback: () => void }>();
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const earliest = (): [number, { at: number; callback: () => void }] | undefined =>
    [...timers].sort(([i, a], [j, b]) => a.at - b.at || i - j)[0];
  const run = async ([id, timer]: [number, { at: number; callback: () => void }]): Promise<void> => {
    timers.delete(id);
    now = Math.max(now, timer.at);
    timer.callback();
    await settle();
  };
  return {
    now: () => now,
    after(milliseconds, callback) {
      const id = counter++;
      timers.set(id, { at: now + milliseconds, callback });
      return () => void timers.delete(id);
    },
    async advance(milliseconds) {
      const end = now + milliseconds;
      await settle();
      for (let next = earliest(); next !== undefined && next[1].at <= end; next = earliest()) await run(next);
      now = end;
      await settle();
    },
    async runNext() {
      const next = earliest();
      if (next !== undefined) await run(next);
    },
    get pending() {
      return timers.size;
    },
  };
}
