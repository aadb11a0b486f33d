/**
 * Runs something only while this process leads. Losing the lease does not end the process, since it still answers
 * admission: what ran is stopped, the fence refuses its writes meanwhile, and the election goes on. Only when it can't be
 * stopped before another leader may act is the process given up.
 */
import type { Leadership } from '../kubernetes/fence.ts';
import type { Election, ElectionOptions } from '../kubernetes/lease.ts';
import type { Logger } from '../observe/logger.ts';
import { sleep, type Clock } from '../values/clock.ts';

export interface Stoppable {
  stop(): Promise<void>;
}

export interface LeadingOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Begins what only the leader does; every write of it must go through a fence over `leadership`. */
  readonly run: (leadership: Leadership) => Stoppable;
  /** The process is no longer to be trusted. */
  readonly onFatal: (error: Error) => void;
  /** What remains between the renew deadline and the end of the lease, milliseconds; 5 000. */
  readonly graceMilliseconds?: number;
  readonly elect: (hooks: Pick<ElectionOptions, 'onStarted' | 'onStopped'>) => Election;
}

export function runWhileLeading(options: LeadingOptions): Stoppable {
  const { clock, logger, run, onFatal, graceMilliseconds = 5_000 } = options;
  let running: Stoppable | undefined;
  let ending: Promise<void> = Promise.resolve();
  let ended = false;
  const leadership: Leadership = { isLeader: () => election.isLeader() };

  const begin = (): void => {
    // The last term's work must be over before the next begins.
    ending = ending.then(() => {
      if (!ended && election.isLeader()) running = run(leadership);
    });
  };
  const end = (): void => {
    const limit = new AbortController();
    void sleep(clock, graceMilliseconds, limit.signal).then(() => {
      if (!limit.signal.aborted) onFatal(new Error('the work of a lost leadership does not stop'));
    });
    ending = ending
      .then(async () => {
        const last = running;
        running = undefined;
        await last?.stop();
      })
      .catch((error: unknown) => {
        logger.error({ error }, 'the work of a lost leadership did not stop cleanly');
      })
      .finally(() => limit.abort());
  };
  const election = options.elect({
    onStarted: () => {
      logger.info({}, 'leading');
      begin();
    },
    onStopped: () => {
      logger.warn({}, 'no longer leading');
      end();
    },
  });
  return {
    stop: async () => {
      ended = true;
      // Work is ended while the lease is still held, so that its last writes count; then the lease is given back.
      await ending;
      await running?.stop();
      running = undefined;
      await election.stop();
      await ending;
    },
  };
}
