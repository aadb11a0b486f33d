/**
 * When a server was last looked at for an object, and with what in mind: whatever wakes the object, the server is asked again
 * only when something of that has changed or some minutes are over.
 */
export interface Looks {
  /** `fingerprint`: all that the server's state depends on. */
  isDue(key: string, fingerprint: string, now: number): boolean;
  looked(key: string, fingerprint: string, next: number): void;
  /** Milliseconds since the epoch; undefined: never looked. */
  next(key: string): number | undefined;
  /** Since when looking has failed, this time included. A look that succeeds ends it. */
  failedSince(key: string, now: number): number;
  forget(key: string): void;
}

export function createLooks(): Looks {
  const known = new Map<string, { readonly fingerprint: string; readonly next: number }>();
  const failing = new Map<string, number>();
  return {
    isDue: (key, fingerprint, now) => {
      const last = known.get(key);
      return last?.fingerprint !== fingerprint || last.next <= now;
    },
    looked: (key, fingerprint, next) => {
      failing.delete(key);
      known.set(key, { fingerprint, next });
    },
    next: (key) => known.get(key)?.next,
    failedSince: (key, now) => {
      known.delete(key);
      const since = failing.get(key) ?? now;
      failing.set(key, since);
      return since;
    },
    forget: (key) => {
      known.delete(key);
      failing.delete(key);
    },
  };
}

/** Rights that somebody gave by hand are found within so long, in milliseconds; spread, so that not all come at once. */
export const lookAgainMs = (random: () => number): number => 300_000 * (0.8 + 0.4 * random());
