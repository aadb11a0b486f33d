/**
 * Asks the members of every Database that has more than one: each second, four times a second while something is under
 * way. What they say is kept in memory only; a Database is woken when an answer could change a decision or its status.
 * Only the leader does this: connections are closed when a pod, its Database or the leadership goes.
 */
import type { Engine, MemberAddress, MemberClient } from '../../engines/engine.ts';
import type { Report } from '../../planning/topology-types.ts';
import type { Clock } from '../../values/clock.ts';
import type { Caches } from '../caches.ts';
import { answered, failed, fingerprint, isRefusal, ordered, unasked } from './report.ts';
import { targetsOf } from './targets.ts';
import type { Target } from './targets.ts';

const SETTLED_MS = 1_000;
const UNSETTLED_MS = 250;
/** Beyond the driver's own limit: a driver that forgets it must not hold up anything. */
const GUARD_MS = 2_000;
/** A promotion ends recovery first. */
const COMMAND_MS = 8_000;

export interface MonitorOptions {
  readonly caches: Caches;
  readonly clock: Clock;
  readonly engineByName: (name: string) => Engine | undefined;
  /** Something that matters has changed. */
  readonly wake: (key: string) => void;
}

export interface Monitor {
  /** By name of the pod; empty: nobody is asked. `key` is namespace/name. */
  reports(key: string): ReadonlyMap<string, Report>;
  /** Pods or Database may have changed. */
  consider(key: string): void;
  /** Whether something is under way: then members are asked more often. */
  hurry(key: string, unsettled: boolean): void;
  /** Asks all members that answered lately; resolves when each has answered or its time is up. */
  ask(key: string): Promise<ReadonlyMap<string, Report>>;
  /** Address of a member that is asked; undefined: there is no such. */
  address(key: string, pod: string): MemberAddress | undefined;
  /** One order to one member. Rejects when it fails or takes too long; what was known of the member is forgotten first. */
  command(
    key: string,
    pod: string,
    what: 'promote' | 'other',
    order: (client: MemberClient) => Promise<void>,
  ): Promise<void>;
  /** When a primary of the Database was last heard of as taking writes, milliseconds since the epoch. */
  wroteAt(key: string): number | undefined;
  stop(): void;
}

interface Asked {
  readonly uid: string;
  readonly address: MemberAddress;
  readonly client: MemberClient;
  ended: boolean;
  report: Report;
  /** Answers to questions of an earlier round do not count. */
  round: number;
  asking: Promise<void> | undefined;
  busy: boolean;
}

interface Watched {
  readonly asked: Map<string, Asked>;
  /** When the recorded primary was last heard of as taking writes. */
  wroteAt: number | undefined;
  primary: string | undefined;
  unsettled: boolean;
  cancel: () => void;
}

export function startMonitor({ caches, clock, engineByName, wake }: MonitorOptions): Monitor {
  const watched = new Map<string, Watched>();
  let stopped = false;

  /** Members as they are now: connections to others are closed. Undefined: there is nobody to be asked. */
  const refresh = (key: string): Watched | undefined => {
    const targets = stopped ? undefined : targetsOf(key, caches, engineByName, 'with peers');
    const known = watched.get(key);
    if (targets === undefined || targets.members.length === 0) {
      if (known === undefined) return undefined;
      known.cancel();
      for (const member of known.asked.values()) close(member);
      watched.delete(key);
      return undefined;
    }
    const entry = known ?? {
      asked: new Map<string, Asked>(),
      primary: undefined,
      wroteAt: undefined,
      unsettled: true,
      cancel: () => undefined,
    };
    watched.set(key, entry);
    entry.primary = targets.primary;
    const wanted = new Map(targets.members.map((target) => [target.address.pod, target]));
    for (const [pod, member] of entry.asked) {
      if (isSame(member, wanted.get(pod))) continue;
      close(member);
      entry.asked.delete(pod);
    }
    for (const [pod, { uid, address, ended, killed }] of wanted) {
      const same = entry.asked.get(pod);
      if (same !== undefined) {
        same.ended = ended;
        if (killed) same.report = { killedSince: clock.now(), ...same.report };
        continue;
      }
      const client = targets.driver.connect(address);
      entry.asked.set(pod, {
        uid,
        address,
        client,
        ended,
        report: { ...unasked(clock.now()), ...(killed && { killedSince: clock.now() }) },
        round: 0,
        asking: undefined,
        busy: false,
      });
    }
    return entry;
  };

  const question = async (key: string, entry: Watched, member: Asked): Promise<void> => {
    const [round, sentAt] = [member.round, clock.now()];
    let next: Report;
    try {
      const view = await within(clock, GUARD_MS, member.client.view());
      next = answered(member.report, view, sentAt, entry.primary);
    } catch (error) {
      next = failed(member.report, isRefusal(error), sentAt, clock.now());
    }
    if (member.round !== round || stopped) return;
    const isNews = fingerprint(next) !== fingerprint(member.report);
    member.report = next;
    if (member.address.pod === entry.primary && next.kind === 'seen' && next.view?.writable === true)
      entry.wroteAt = clock.now();
    if (isNews) wake(key);
  };
  const askOne = (key: string, entry: Watched, member: Asked): Promise<void> => {
    if (member.busy) return Promise.resolve();
    if (member.ended) {
      member.report = failed(member.report, true, clock.now(), clock.now());
      return Promise.resolve();
    }
    member.asking ??= question(key, entry, member).finally(() => (member.asking = undefined));
    return member.asking;
  };

  const tick = (key: string): void => {
    const entry = watched.get(key);
    if (entry === undefined || stopped) return;
    for (const member of entry.asked.values()) void askOne(key, entry, member);
    entry.cancel();
    entry.cancel = clock.after(entry.unsettled ? UNSETTLED_MS : SETTLED_MS, () => tick(key));
  };

  return {
    reports: (key) => new Map([...(watched.get(key)?.asked ?? [])].map(([pod, { report }]) => [pod, report])),
    consider(key) {
      const known = watched.get(key);
      const asked = known?.asked.size;
      const entry = refresh(key);
      if (entry !== undefined && (known === undefined || entry.asked.size !== asked)) tick(key);
    },
    hurry(key, unsettled) {
      const entry = watched.get(key);
      if (entry === undefined || entry.unsettled === unsettled) return;
      entry.unsettled = unsettled;
      if (unsettled) tick(key);
    },
    async ask(key) {
      const entry = watched.get(key);
      // Whoever was silent is not waited for: that would cost a second each time.
      const members = [...(entry?.asked.values() ?? [])].filter(
        ({ report: { kind } }) => kind === 'seen' || kind === 'unknown',
      );
      // A question that is on its way may have been sent before what the caller waits for.
      await Promise.all(members.map((member) => member.asking ?? Promise.resolve()));
      if (entry !== undefined) await Promise.all(members.map((member) => askOne(key, entry, member)));
      return this.reports(key);
    },
    wroteAt: (key) => watched.get(key)?.wroteAt,
    address: (key, pod) => watched.get(key)?.asked.get(pod)?.address,
    async command(key, pod, what, order) {
      const member = watched.get(key)?.asked.get(pod);
      if (member === undefined) throw new Error(`${pod} can’t be reached`);
      member.report = ordered(member.report, what, clock.now());
      member.round++;
      member.busy = true;
      try {
        // Both would go over one connection: the answer would be late, and a late answer ends the connection.
        await member.asking;
        await within(clock, COMMAND_MS, order(member.client));
      } finally {
        member.busy = false;
        member.round++;
        // A lost answer says nothing of when the order was carried out.
        member.report = ordered(member.report, what, clock.now());
        const entry = watched.get(key);
        if (entry !== undefined) void askOne(key, entry, member);
      }
    },
    stop() {
      stopped = true;
      for (const entry of watched.values()) {
        entry.cancel();
        for (const member of entry.asked.values()) close(member);
      }
      watched.clear();
    },
  };
}

function close(member: Asked): void {
  member.round++;
  member.client.close();
}

const isSame = ({ uid, address }: Asked, target: Target | undefined): boolean =>
  target !== undefined &&
  target.uid === uid &&
  target.address.host === address.host &&
  target.address.superuserPassword === address.superuserPassword &&
  target.address.replicationPassword === address.replicationPassword;

async function within<T>(clock: Clock, milliseconds: number, work: Promise<T>): Promise<T> {
  let cancel = (): void => undefined;
  const limit = new Promise<never>((_, reject) => {
    cancel = clock.after(milliseconds, () => reject(new Error(`no answer within ${milliseconds / 1000} s`)));
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    cancel();
  }
}
