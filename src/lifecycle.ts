/**
 * Start in order, stop in reverse. Admission is up before anything that needs the cluster, because it answers without it;
 * what was begun is undone when a later part fails.
 */
import type { Logger } from './observe/logger.ts';
import { sleep, type Clock } from './values/clock.ts';

export interface Part {
  readonly name: string;
  /** Resolves to what stops the part again. */
  readonly start: () => Promise<() => Promise<void>>;
}

export interface Lifecycle {
  /** Starts every part; on failure stops those that were started, then rejects. */
  readonly start: () => Promise<void>;
  /** Stops every part, each within its time; the second call waits for the first. */
  readonly stop: () => Promise<void>;
}

export interface LifecycleOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long one part may take to stop before the others go on without it, milliseconds. */
  readonly stopTimeout: number;
}

export function createLifecycle(parts: readonly Part[], options: LifecycleOptions): Lifecycle {
  const { clock, logger, stopTimeout } = options;
  const started: { readonly name: string; readonly stop: () => Promise<void> }[] = [];
  let stopping: Promise<void> | undefined;

  const stopOne = async (name: string, stop: () => Promise<void>): Promise<void> => {
    const limit = new AbortController();
    const late = sleep(clock, stopTimeout, limit.signal).then(() => {
      if (!limit.signal.aborted) logger.warn({ part: name }, 'a part did not stop in time: going on without it');
    });
    const ended = stop().catch((error: unknown) => logger.error({ error, part: name }, 'a part failed to stop'));
    await Promise.race([ended, late]);
    limit.abort();
  };
  const stopAll = async (): Promise<void> => {
    for (let part = started.pop(); part !== undefined; part = started.pop()) await stopOne(part.name, part.stop);
  };
  const stop = (): Promise<void> => (stopping ??= stopAll());
  return {
    stop,
    start: async () => {
      for (const { name, start } of parts) {
        if (stopping !== undefined) break;
        try {
          started.push({ name, stop: await start() });
          logger.debug({ part: name }, 'started');
        } catch (error) {
          await stop();
          throw error;
        }
      }
      // Stopped while a part was starting: it came after the others had gone.
      if (stopping !== undefined) await stopAll();
    },
  };
}
