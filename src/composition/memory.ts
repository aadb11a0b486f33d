/**
 * A container is judged by its resident memory, and V8 keeps what a burst made it take. Two things keep it small
 * (docs/adr/0008-memory-is-given-back.md): the young generation does not grow, and after a burst, once nobody is being
 * served, one full collection gives pages back to the system.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Clock } from '../values/clock.ts';

/** Must run before the heap grows: first thing in `serve`. */
export function keepYoungGenerationSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}

export type Collect = () => void;

/** A full collection that also shrinks the heap. Tens of milliseconds. */
export function makeCollect(): Collect {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (options: Readonly<Record<string, string>>) => void;
  return () => collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}

export interface GiveBackOptions {
  readonly clock: Clock;
  readonly collect: Collect;
  readonly residentBytes: () => number;
  /** When the last request began, milliseconds since the epoch; undefined while one is being answered. */
  readonly quietSince: () => number | undefined;
}

const lookMilliseconds = 10_000;
const quietMilliseconds = 5_000;
/** Less is not worth the pause. */
const growthBytes = 4 * 1024 * 1024;

/** Looks every ten seconds; collects when memory has grown since the last time and nobody waits. Returns what ends it. */
export function giveBackWhenIdle({ clock, collect, residentBytes, quietSince }: GiveBackOptions): () => void {
  let settled = 0;
  const look = (): void => {
    const quiet = quietSince();
    const isQuiet = quiet !== undefined && clock.now() - quiet >= quietMilliseconds;
    if (isQuiet && residentBytes() > settled + growthBytes) {
      collect();
      settled = residentBytes();
    }
    cancel = clock.after(lookMilliseconds, look);
  };
  let cancel = clock.after(lookMilliseconds, look);
  return () => cancel();
}
