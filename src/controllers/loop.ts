/**
 * Workers that take keys from a queue and reconcile them. The loop shares its process with admission, so it gives way to
 * the event loop before every key; and a pass that hangs gives its worker back, while its key stays locked until the pass
 * has really ended, because two passes over one object would undo each other's work.
 */
import type { Clock } from '../values/clock.ts';
import { ApiError, isConflict } from '../kubernetes/errors.ts';
import type { Queue } from './queue.ts';

export interface Outcome {
  /** Come back after so long, even if nothing happens. */
  readonly requeueAfterSeconds?: number;
}

export type PassResult = 'success' | 'error' | 'requeue' | 'requeue_after';

export interface LoopObserver {
  /** `seconds` of one pass. A conflict is a `requeue`: another writer was first, which is not a fault. */
  onPass?(result: PassResult, seconds: number): void;
  onError?(key: string, error: unknown): void;
  onTimeout?(key: string): void;
  onBusy?(busy: number, workers: number): void;
}

export interface LoopOptions {
  readonly queue: Queue;
  readonly clock: Clock;
  /** One pass. Rejects: the key is tried again after its backoff. Must heed `signal`. */
  readonly reconcile: (key: string, signal: AbortSignal) => Promise<Outcome>;
  readonly workers: number;
  /** A pass that takes longer is aborted and counts as failed. */
  readonly timeoutMs: number;
  /** Lets other work of the process run; `setImmediate` in production. */
  readonly giveWay: () => Promise<void>;
  readonly observer?: LoopObserver;
}

export interface Loop {
  /** No new passes; resolves when those under way have ended or were aborted. */
  stop(): Promise<void>;
}

/** The server said how long to stay away. */
const retryAfter = (error: unknown): number =>
  error instanceof ApiError && error.retryAfterSeconds !== undefined ? error.retryAfterSeconds : 0;

export function startLoop(options: LoopOptions): Loop {
  const { queue, clock, workers, timeoutMs, giveWay, observer = {} } = options;
  const stopping = new AbortController();
  const running = new Set<Promise<void>>();
  let busy = 0;

  const succeeded = (key: string, outcome: Outcome, seconds: number): void => {
    queue.forget(key);
    if (outcome.requeueAfterSeconds !== undefined) queue.add(key, { afterMs: outcome.requeueAfterSeconds * 1000 });
    observer.onPass?.(outcome.requeueAfterSeconds === undefined ? 'success' : 'requeue_after', seconds);
  };
  const failed = (key: string, error: unknown, seconds: number): void => {
    const wait = retryAfter(error);
    if (wait > 0) queue.add(key, { afterMs: wait * 1000 });
    else queue.addRateLimited(key);
    observer.onPass?.(isConflict(error) ? 'requeue' : 'error', seconds);
    if (!isConflict(error)) observer.onError?.(key, error);
  };

  /** Resolves when the worker may go on; the pass itself may still be running when it was cut for time. */
  const pass = async (key: string): Promise<void> => {
    const controller = new AbortController();
    const abort = (): void => controller.abort();
    stopping.signal.addEventListener('abort', abort, { once: true });
    const startedAt = clock.now();
    const elapsed = (): number => (clock.now() - startedAt) / 1000;
    const isCut = (): boolean => controller.signal.aborted && !stopping.signal.aborted;
    let releaseWorker = (): void => undefined;
    const released = new Promise<void>((resolve) => (releaseWorker = resolve));
    const cancelTimer = clock.after(timeoutMs, () => {
      abort();
      observer.onTimeout?.(key);
      releaseWorker();
    });
    const work = (async () => {
      try {
        const outcome = await options.reconcile(key, controller.signal);
        if (isCut()) throw new Error(`the pass took longer than ${timeoutMs / 1000} s and was cut`);
        succeeded(key, outcome, elapsed());
      } catch (error) {
        if (!stopping.signal.aborted) failed(key, error, elapsed());
      } finally {
        cancelTimer();
        stopping.signal.removeEventListener('abort', abort);
        queue.done(key);
      }
    })();
    running.add(work);
    void work.finally(() => running.delete(work));
    await Promise.race([work, released]);
  };

  const worker = async (): Promise<void> => {
    for (;;) {
      const key = await queue.next();
      if (key === undefined) return;
      observer.onBusy?.(++busy, workers);
      await giveWay();
      await pass(key);
      observer.onBusy?.(--busy, workers);
    }
  };

  const all = Array.from({ length: workers }, worker);
  return {
    async stop() {
      stopping.abort();
      queue.shutDown();
      await Promise.all(all);
      await Promise.all(running);
    },
  };
}
