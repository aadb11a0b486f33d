/**
 * Bounded retries around a client. A request that the server turned away (429, or 503 with `Retry-After`) was not
 * processed, so any verb is sent again; one whose answer got lost is sent again only if twice is the same as once. A
 * controller would retry as well, but this spares an object its backoff for a busy second. Watches are the reflector's.
 */
import type { Clock, Random } from '../values/clock.ts';
import { sleep } from '../values/clock.ts';
import type { KubernetesClient } from './client.ts';
import { ApiError } from './errors.ts';

export interface RetryOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Tries in all; 4. */
  readonly attempts?: number;
  /** A longer `Retry-After` is left to the caller; 30 s. */
  readonly longestMilliseconds?: number;
  /** Ends waiting at shutdown: the last error is thrown at once. */
  readonly signal?: AbortSignal;
}

function mayRetry(error: ApiError, idempotent: boolean): boolean {
  if (error.code === 429) return true;
  if (error.code === 503) return idempotent || error.retryAfterSeconds !== undefined;
  if (error.code === 500 || error.code === 504) return error.retryAfterSeconds !== undefined && idempotent;
  return error.code === 0 && idempotent && (error.reason === 'Unreachable' || error.reason === 'Timeout');
}

/** The same client with patience; `onRetry` hooks are the inner client's business (its metrics see every attempt). */
export function withRetries(client: KubernetesClient, options: RetryOptions): KubernetesClient {
  const { clock, random, attempts = 4, longestMilliseconds = 30_000, signal } = options;
  const aborted = (): boolean => signal?.aborted === true;
  const retrying = async <T>(idempotent: boolean, run: () => Promise<T>): Promise<T> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await run();
      } catch (error) {
        if (!(error instanceof ApiError) || attempt >= attempts || !mayRetry(error, idempotent)) throw error;
        // Jitter only adds: the server said how long it wants to be left alone.
        const base = error.retryAfterSeconds === undefined ? 100 * 2 ** attempt : error.retryAfterSeconds * 1000;
        if (base > longestMilliseconds || aborted()) throw error;
        await sleep(clock, Math.round(base * (1 + random() / 2)), signal);
        if (aborted()) throw error;
      }
    }
  };
  return {
    get: (...call) => retrying(true, () => client.get(...call)),
    listPage: (...call) => retrying(true, () => client.listPage(...call)),
    create: (...call) => retrying(false, () => client.create(...call)),
    apply: (...call) => retrying(true, () => client.apply(...call)),
    jsonPatch: (...call) => retrying(false, () => client.jsonPatch(...call)),
    mergePatch: (...call) => retrying(false, () => client.mergePatch(...call)),
    delete: (ref, deleteOptions) => retrying(deleteOptions?.uid !== undefined, () => client.delete(ref, deleteOptions)),
    watch: (...call) => client.watch(...call),
  };
}
