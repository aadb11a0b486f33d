/**
 * Leader election on a Lease, with client-go's times. Whether another holder's lease has expired is judged by how long
 * this process has seen it unchanged, never by the times written in it: clocks of two nodes differ. Whether our own still
 * holds counts from before the renewal was sent: the others' patience starts when they see it, which is later.
 */
import type { Clock, Random } from '../values/clock.ts';
import { sleep } from '../values/clock.ts';
import type { KubernetesClient } from './client.ts';
import type { Leadership } from './fence.ts';
import { createAttempt } from './lease-attempt.ts';

export interface ElectionOptions {
  /** Not fenced, and without retries: an attempt here is bounded by the renew deadline. */
  readonly client: Pick<KubernetesClient, 'get' | 'create' | 'mergePatch'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly namespace: string;
  readonly name: string;
  /** Unique for each process: pod name and a random part. */
  readonly identity: string;
  /**
   * What the identities of earlier processes of this very container begin with. They have ended, or this one would not
   * run: a Lease of theirs is taken at once. Absent: it isn't known.
   */
  readonly place?: string;
  /** 15 s; a follower waits this long for a silent leader. */
  readonly leaseMilliseconds?: number;
  /** 10 s; a leader that could not renew for so long stops. */
  readonly renewMilliseconds?: number;
  /** 2 s between tries. */
  readonly retryMilliseconds?: number;
  readonly onStarted: () => void;
  /** Leadership ended, by loss or by `stop`; the election goes on unless stopped. */
  readonly onStopped: () => void;
  readonly onError?: (error: unknown) => void;
}

export interface Election extends Leadership {
  /** Identity of the holder as last seen. */
  readonly holder: string | undefined;
  /** Gives the lease back, so that the next leader need not wait; resolves when nothing runs any more. */
  stop(): Promise<void>;
}

/** Starts at once. */
export function startElection(options: ElectionOptions): Election {
  const { clock, random, identity } = options;
  const { leaseMilliseconds = 15_000, renewMilliseconds = 10_000, retryMilliseconds = 2000 } = options;
  const controller = new AbortController();
  const attempt = createAttempt({ ...options, leaseMilliseconds, renewMilliseconds });
  const stopped = (): boolean => controller.signal.aborted;
  let leading = false;
  let deadline = 0;
  let cancelDeadline = (): void => undefined;

  const lose = (): void => {
    cancelDeadline();
    if (!leading) return;
    leading = false;
    options.onStopped();
  };
  const renewed = (startedAt: number): void => {
    deadline = startedAt + renewMilliseconds;
    cancelDeadline();
    cancelDeadline = clock.after(Math.max(0, deadline - clock.now()), lose);
    if (leading || clock.now() >= deadline) return;
    leading = true;
    options.onStarted();
  };
  const round = async (): Promise<void> => {
    const startedAt = clock.now();
    try {
      const mine = await attempt.run();
      if (stopped()) return;
      const holder = attempt.holder();
      if (mine) renewed(startedAt);
      else if (holder !== undefined && holder !== identity) lose();
    } catch (error) {
      if (!stopped()) options.onError?.(error);
    }
  };
  const run = async (): Promise<void> => {
    while (!stopped()) {
      await round();
      await sleep(clock, Math.round(retryMilliseconds * (1 + random() / 5)), controller.signal);
    }
  };
  const running = run();
  return {
    isLeader: () => leading && clock.now() < deadline,
    get holder() {
      return attempt.holder();
    },
    async stop() {
      controller.abort();
      lose();
      await running;
      await attempt.release().catch((error: unknown) => options.onError?.(error));
    },
  };
}
