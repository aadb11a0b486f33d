/**
 * Time and chance of one run: everything that happens is a timer of this clock or a microtask after one, so a seed decides
 * the whole run and can be played again.
 */
import { setImmediate } from 'node:timers/promises';
import type { Clock, Random } from '../../src/values/clock.ts';
import { makeHeap } from '../../src/controllers/heap.ts';

export interface Scheduler {
  readonly clock: Clock;
  readonly random: Random;
  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number;
  chance(probability: number): boolean;
  pick<T>(values: readonly T[]): T;
  /** A separate stream of chance, so that one consumer's draws do not shift another's. */
  fork(name: string): Random;
  /** Runs timers in order until `until` says so after one of them, or so many milliseconds have passed; true: it said so. */
  run(milliseconds: number, until?: () => boolean): Promise<boolean>;
  /** A clock whose timers never fire again once `kill` was called: that of a process that dies. */
  mortal(): { readonly clock: Clock; readonly kill: () => void };
}

/** Mulberry32: small, and good enough to choose interleavings. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}

interface Timer {
  readonly at: number;
  readonly order: number;
  callback: (() => void) | undefined;
}

export function makeScheduler(seed: number, start = Date.UTC(2026, 0, 5, 12)): Scheduler {
  const random = seededRandom(seed);
  const timers = makeHeap<Timer>((a, b) => (a.at === b.at ? a.order < b.order : a.at < b.at));
  let now = start;
  let counter = 0;

  const clock: Clock = {
    now: () => now,
    after(milliseconds, callback) {
      const timer: Timer = { at: now + Math.max(0, milliseconds), order: counter++, callback };
      timers.push(timer);
      return () => void (timer.callback = undefined);
    },
  };

  return {
    clock,
    random,
    between: (low, high) => low + Math.floor(random() * (high - low + 1)),
    chance: (probability) => random() < probability,
    pick: (values) => values[Math.floor(random() * values.length)] as (typeof values)[number],
    fork: (name) => seededRandom(seed ^ hashOf(name)),
    async run(milliseconds, until) {
      const end = now + milliseconds;
      await setImmediate();
      for (let next = timers.peek(); next !== undefined && next.at <= end; next = timers.peek()) {
        timers.pop();
        if (next.callback === undefined) continue;
        now = next.at;
        next.callback();
        await setImmediate();
        if (until?.() === true) return true;
      }
      now = end;
      return until?.() === true;
    },
    mortal() {
      let alive = true;
      return {
        clock: {
          now: () => now,
          after: (milliseconds, callback) =>
            clock.after(milliseconds, () => {
              if (alive) callback();
            }),
        },
        kill: () => void (alive = false),
      };
    },
  };
}
