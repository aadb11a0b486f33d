/** The machine's own time, for tests against real servers. */
import type { Clock } from '../../src/values/clock.ts';

export const realClock: Clock = {
  now: () => Date.now(),
  after(milliseconds, callback) {
    const timer = setTimeout(callback, milliseconds);
    return () => clearTimeout(timer);
  },
};
