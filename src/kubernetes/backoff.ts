/** Exponential waiting with jitter, as client-go's reflector does it: without jitter every replica returns at once. */
import type { Clock, Random } from '../values/clock.ts';

export interface Backoff {
  /** Milliseconds to wait before the next try. */
  next(): number;
}

export interface BackoffOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly initialMilliseconds?: number;
  readonly maxMilliseconds?: number;
  /** A quiet time this long starts over from the first delay. */
  readonly resetAfterMilliseconds?: number;
}

/** 800 ms, doubled up to 30 s, each plus up to as much again; client-go `defaultBackoff` of the reflector. */
export function createBackoff(options: BackoffOptions): Backoff {
  const {
    clock,
    random,
    initialMilliseconds = 800,
    maxMilliseconds = 30_000,
    resetAfterMilliseconds = 120_000,
  } = options;
  let base = initialMilliseconds;
  let last = Number.NEGATIVE_INFINITY;
  return {
    next() {
      const now = clock.now();
      if (now - last > resetAfterMilliseconds) base = initialMilliseconds;
      const delay = Math.round(base * (1 + random()));
      base = Math.min(base * 2, maxMilliseconds);
      last = now + delay;
      return delay;
    },
  };
}
