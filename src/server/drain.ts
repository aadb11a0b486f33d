/**
 * Going away without a failed request. The API server keeps using pooled connections to a terminating pod for as long as
 * they stay open, and endpoints are withdrawn a little after the signal: so readiness fails first, every answer says
 * `Connection: close`, and only when no request has come for a while is the door shut.
 */
import type { Clock } from '../values/clock.ts';

export interface DrainOptions {
  readonly clock: Clock;
  /** How long no request may have come, milliseconds. */
  readonly quiet: number;
  /** When waiting ends in any case, milliseconds after the beginning. */
  readonly longest: number;
}

export interface Drain {
  readonly draining: boolean;
  /** Requests that are being answered. */
  readonly inFlight: number;
  /** When the last request began, milliseconds since the epoch (-Infinity: none yet); undefined while one is answered. */
  readonly quietSince: number | undefined;
  /** Call for each request; call the result when it is answered. */
  track(): () => void;
  /**
   * From now on draining; resolves when it has been quiet and nothing is in flight, or it took too long. `hurried`, for a
   * person at the keyboard: no quiet period.
   */
  begin(options?: { readonly hurried: boolean }): Promise<void>;
}

export function createDrain({ clock, quiet, longest }: DrainOptions): Drain {
  let began: Promise<void> | undefined;
  let inFlight = 0;
  let lastRequest = Number.NEGATIVE_INFINITY;

  const wait = (calmFor: number): Promise<void> => {
    const start = clock.now();
    return new Promise((resolve) => {
      const look = (): void => {
        const now = clock.now();
        const calm = Math.max(start, lastRequest) + calmFor - now;
        const left = start + longest - now;
        if (left <= 0 || (calm <= 0 && inFlight === 0)) resolve();
        else clock.after(Math.max(1, Math.min(left, calm > 0 ? calm : 50)), look);
      };
      look();
    });
  };
  return {
    get draining() {
      return began !== undefined;
    },
    get inFlight() {
      return inFlight;
    },
    get quietSince() {
      return inFlight > 0 ? undefined : lastRequest;
    },
    track() {
      inFlight++;
      lastRequest = clock.now();
      let open = true;
      return () => {
        if (!open) return;
        open = false;
        inFlight--;
      };
    },
    begin: (how) => (began ??= wait(how?.hurried === true ? 0 : quiet)),
  };
}
