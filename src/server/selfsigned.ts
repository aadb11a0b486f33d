/**
 * Certificates without cert-manager. A new CA is kept first, where all replicas see it; then trusted (put into the webhook
 * configurations); then a leaf of it is served, and the old one stays trusted beside it. So a renewal has no moment in which
 * some replica shows a certificate that the API server does not know, also when several replicas find it due at once.
 */
import type { Logger } from '../observe/logger.ts';
import { sleep, type Clock } from '../values/clock.ts';
import type { Publisher } from './ca-bundle.ts';
import { createHolder, type CertificateSource, type HolderHooks } from './certificates.ts';
import type { Issue } from './issuer.ts';
import { trusted, whatIsDue, type Due, type SelfSignedState } from './selfsigned-state.ts';
import type { Loaded, StateStore } from './selfsigned-store.ts';

export interface SelfSignedOptions {
  readonly store: StateStore;
  readonly issue: Issue;
  /** Every name and address that the leaf is for. */
  readonly hosts: readonly string[];
  readonly clock: Clock;
  readonly logger: Logger;
  readonly hooks?: HolderHooks;
  /** Absent without a cluster. */
  readonly publisher?: Publisher;
  readonly caDays?: number;
  readonly leafDays?: number;
}

// The wall clock is asked every hour; a timer to the day of renewal would stand still while a machine sleeps.
const checkMilliseconds = 3_600_000;
const retryMilliseconds = 10_000;
/** The API server's own watch on webhook configurations is well within this. */
const spreadMilliseconds = 2_000;
const attempts = 8;

/** Resolves once a certificate can be served; rejects when none can be made or kept. */
export async function startSelfSigned(options: SelfSignedOptions): Promise<CertificateSource> {
  const { store, clock, logger, publisher } = options;
  const holder = createHolder(clock, options.hooks);
  const stopping = new AbortController();
  let cancelTimer = (): void => undefined;
  let work: Promise<void> = Promise.resolve();

  const refresh = async (): Promise<void> => {
    const state = await ensure(options, stopping.signal);
    if (state === undefined || stopping.signal.aborted) return;
    holder.offer(state.leaf);
    // Not awaited by the start: the configurations may be installed later than the operator.
    publisher?.publish(trusted(state)).catch((error: unknown) => {
      logger.warn({ error }, 'the caBundle could not be set: trying again');
      again(retryMilliseconds);
    });
  };
  const again = (milliseconds: number): void => {
    cancelTimer();
    if (stopping.signal.aborted) return;
    cancelTimer = clock.after(milliseconds, run);
  };
  const run = (): void => {
    again(checkMilliseconds);
    work = work.then(refresh).catch((error: unknown) => {
      logger.error({ error }, 'the self-signed certificate could not be renewed: trying again');
      again(retryMilliseconds);
    });
  };
  await refresh();
  again(checkMilliseconds);
  store.onChange(run);
  return {
    ...holder,
    stop: async () => {
      stopping.abort();
      cancelTimer();
      await work;
      await Promise.all([holder.stop(), store.stop(), publisher?.stop()]);
    },
  };
}

/** Loads what is kept and renews what is due; when another replica was faster, its work is taken. */
async function ensure(options: SelfSignedOptions, signal: AbortSignal): Promise<SelfSignedState | undefined> {
  const { store, clock, logger, hosts } = options;
  for (let attempt = 1; attempt <= attempts && !signal.aborted; attempt++) {
    const loaded = await store.load();
    const due = whatIsDue(loaded.state, hosts, clock.now());
    if (due === undefined) return loaded.state;
    const next = await renew(due, loaded, options, signal);
    if (next === undefined) return undefined;
    if (await store.save(next, loaded.version)) logger.info({ part: due, store: store.kind, hosts }, done[due]);
  }
  if (signal.aborted) return undefined;
  throw new Error('the kept self-signed certificate changes all the time: is another operator using it?');
}

const done: Readonly<Record<Due, string>> = {
  ca: 'self-signed certificate made',
  leaf: 'self-signed certificate made',
  next: 'self-signed CA made: it is trusted before it is used',
  promotion: 'self-signed CA replaced',
};

/** Undefined when it was told to stop. */
async function renew(
  due: Due,
  { state }: Loaded,
  options: SelfSignedOptions,
  signal: AbortSignal,
): Promise<SelfSignedState | undefined> {
  const { issue, hosts, clock, publisher, caDays = 5 * 365, leafDays = 90 } = options;
  if (due === 'promotion' && state?.next !== undefined) {
    if (publisher !== undefined) {
      await publisher.publish(trusted(state));
      await sleep(clock, spreadMilliseconds, signal);
      // Woken too early.
      if (signal.aborted) return undefined;
    }
    return { ...state.next, previousCa: state.ca.cert };
  }
  const request = { hosts, now: clock.now(), caDays, leafDays };
  if (state === undefined || due === 'ca') {
    const made = await issue(request);
    return { ...made, ...(state !== undefined && { previousCa: state.ca.cert }) };
  }
  if (due === 'next') return { ...state, next: await issue(request) };
  const { leaf } = await issue({ ...request, ca: state.ca });
  return { ...state, leaf };
}
