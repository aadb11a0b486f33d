/**
 * Where the serving certificate comes from. A source never offers a pair that does not belong together or whose time is
 * over: admission would rather be seen to be down than answer with a certificate that the API server refuses. The
 * operations port is milder (`latest`): a kubelet does not check dates, and an expired certificate must not make it kill
 * the process that runs the reconcile loop.
 */
import type { Clock } from '../values/clock.ts';
import { checkPair, timeProblem, type Certificate, type Pair } from './certificate.ts';

export interface CertificateSource {
  /** The pair to serve now; undefined while there is none that may be served. */
  readonly current: () => Certificate | undefined;
  /** The last good pair, even if its time is over. */
  readonly latest: () => Certificate | undefined;
  /** Why `current` is missing or older than what was last read. */
  readonly problem: () => string | undefined;
  /** Called after `current` or `latest` changed. */
  readonly onChange: (listener: () => void) => void;
  readonly stop: () => Promise<void>;
}

/** The state that every source shares: takes what was read, keeps the old pair when the new one is no good. */
export interface CertificateHolder extends CertificateSource {
  offer(pair: Pair): boolean;
  fail(problem: string): void;
}

export interface HolderHooks {
  readonly onRead?: () => void;
  readonly onError?: (problem: string) => void;
  readonly onSwap?: (certificate: Certificate | undefined) => void;
}

// The wall clock is asked, not a timer to the end of validity: timers stand still while a machine sleeps.
const expiryCheckMilliseconds = 10_000;

export function createHolder(clock: Clock, hooks: HolderHooks = {}): CertificateHolder {
  const listeners: (() => void)[] = [];
  let latest: Certificate | undefined;
  let served: string | undefined;
  let problem: string | undefined = 'no certificate has been read yet';
  const current = (): Certificate | undefined =>
    latest !== undefined && timeProblem(latest, clock.now()) === undefined ? latest : undefined;
  const announce = (): void => {
    const now = current();
    if (now?.fingerprint === served) return;
    served = now?.fingerprint;
    hooks.onSwap?.(now);
    for (const listener of listeners) listener();
  };
  const fail = (why: string): void => {
    if (why !== problem) hooks.onError?.(why);
    problem = why;
  };
  const watchExpiry = (): (() => void) =>
    clock.after(expiryCheckMilliseconds, () => {
      const late = latest && timeProblem(latest, clock.now());
      if (late !== undefined) fail(late);
      announce();
      cancel = watchExpiry();
    });
  let cancel = watchExpiry();
  return {
    current,
    latest: () => latest,
    problem: () => problem,
    onChange: (listener) => void listeners.push(listener),
    stop: () => {
      cancel();
      return Promise.resolve();
    },
    fail,
    offer(pair) {
      hooks.onRead?.();
      const checked = checkPair(pair);
      const late = checked.ok ? timeProblem(checked.certificate, clock.now()) : checked.problem;
      // With nothing better at hand even an expired pair is kept, for the operations port.
      if (checked.ok && (late === undefined || current() === undefined)) {
        const changed = latest?.fingerprint !== checked.certificate.fingerprint;
        latest = checked.certificate;
        if (late !== undefined && changed) for (const listener of listeners) listener();
      }
      if (late === undefined) problem = undefined;
      else fail(late);
      announce();
      return late === undefined;
    },
  };
}
