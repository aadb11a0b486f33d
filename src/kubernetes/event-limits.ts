/** What keeps Events from filling etcd or our memory: a token bucket for each object, and a bounded line of writes. */
import type { Clock } from '../values/clock.ts';

const BURST = 25;
const REFILL_MILLISECONDS = 300_000;
/** Waiting writes at most; beyond this Events are dropped rather than memory filled. */
const MAX_WAITING = 500;

interface Bucket {
  tokens: number;
  at: number;
}

/** client-go's spam filter: true when `key` may write once more. */
export function createLimiter(clock: Clock): (key: string) => boolean {
  const buckets = new Map<string, Bucket>();
  return (key) => {
    const now = clock.now();
    const known = buckets.get(key);
    const refilled = known === undefined ? BURST : known.tokens + (now - known.at) / REFILL_MILLISECONDS;
    const tokens = Math.min(BURST, refilled);
    if (tokens < 1) return false;
    buckets.delete(key);
    buckets.set(key, { tokens: tokens - 1, at: now });
    for (const [other, bucket] of buckets) {
      if (now - bucket.at < BURST * REFILL_MILLISECONDS) break;
      buckets.delete(other);
    }
    return true;
  };
}

/** Writes one after the other, so that a count never overtakes the Event it belongs to. */
export function createOutbox(onError: ((error: unknown) => void) | undefined): {
  send(write: () => Promise<unknown>): void;
  drained(): Promise<void>;
} {
  let waiting = 0;
  let last = Promise.resolve();
  return {
    send(write) {
      if (waiting >= MAX_WAITING) return;
      waiting += 1;
      last = last
        .then(write)
        .then(() => undefined)
        .catch((error: unknown) => onError?.(error))
        .finally(() => (waiting -= 1));
    },
    drained: () => last,
  };
}
