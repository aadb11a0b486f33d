/** The one real clock. */
import type { Clock } from '../values/clock.ts';

const longestTimer = 2 ** 31 - 1;
export const systemClock: Clock = {
  now: () => Date.now(),
  after: (milliseconds, callback) => {
    const timer = setTimeout(callback, Math.min(milliseconds, longestTimer));
    return () => clearTimeout(timer);
  },
};
