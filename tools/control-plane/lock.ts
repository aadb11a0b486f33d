/**
 * One preparation at a time on a machine. The holder touches the lock file every few seconds, so one that was killed is
 * seen by its age; process ids would lie across containers that share a cache. Should two slip through all the same,
 * nothing breaks: binaries are put in place by rename.
 */
import { rm, stat, utimes, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

export interface LockTiming {
  readonly touchMs: number;
  readonly staleMs: number;
  readonly pollMs: number;
}

const defaults: LockTiming = { touchMs: 5_000, staleMs: 30_000, pollMs: 500 };

/** Runs `work` while holding `file`; `onWait` is called once if another holds it. */
export async function withLock<T>(
  file: string,
  onWait: () => void,
  work: () => Promise<T>,
  timing: LockTiming = defaults,
): Promise<T> {
  let told = false;
  while (!(await take(file))) {
    if (await isStale(file, timing.staleMs)) {
      await rm(file, { force: true });
      continue;
    }
    if (!told) onWait();
    told = true;
    await delay(timing.pollMs);
  }
  const touch = setInterval(() => void utimes(file, new Date(), new Date()).catch(() => undefined), timing.touchMs);
  try {
    return await work();
  } finally {
    clearInterval(touch);
    await rm(file, { force: true });
  }
}

async function take(file: string): Promise<boolean> {
  try {
    await writeFile(file, `${process.pid}\n`, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function isStale(file: string, staleMs: number): Promise<boolean> {
  const found = await stat(file).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs > staleMs;
}
