/**
 * The database servers inside the pods: a log each, who takes writes, who follows whom; and what befalls them: they crash,
 * freeze, are cut off. A server that is cut off and takes writes is stopped by its watchdog, as the real ones are.
 */
import type { KubernetesObject } from '../../src/api/object.ts';
import type { PositionOrder } from '../../src/engines/engine.ts';
import type { Scheduler } from './scheduler.ts';

/** At the latest: where it had no time to try (engines/watchdog.ts), and was a moment late with that, too. */
const WATCHDOG_MS = 5_500;
const RESTART_MS = 1_500;
const MOUNT_MS = 100_000;

export interface Server {
  readonly uid: string;
  readonly name: string;
  readonly instance: string;
  readonly peers: () => readonly string[];
  /** On its volume: survives it. */
  readonly data: { log: string[] };
  writable: boolean;
  follows: string | undefined;
  alive: boolean;
  frozen: boolean;
  /** Nobody reaches it, and it reaches nobody. */
  cut: boolean;
}

export interface Servers {
  readonly all: ReadonlyMap<string, Server>;
  /** Two servers of one Database that could both confirm a write. */
  readonly rivals: readonly string[];
  readonly positions: Positions;
  /** The pod has booted. A lone server starts writable, others read-only. */
  start(
    pod: KubernetesObject,
    instance: string,
    data: { log: string[] },
    topology: () => { members: readonly string[]; primary: string },
  ): void;
  /** The pod is gone. */
  end(uid: string): void;
  of(instance: string): readonly Server[];
  named(instance: string, name: string): Server | undefined;
  promote(server: Server): void;
  follow(server: Server, primary: string): void;
  /** It follows nobody until it is told to. */
  detach(server: Server): void;
  demote(server: Server): void;
  append(server: Server, id: string): void;
  /** The process ends and is started again by the kubelet, read-only. */
  crash(server: Server): void;
  freeze(server: Server, milliseconds: number): void;
  cut(server: Server, milliseconds: number): void;
  streams(server: Server): boolean;
  /** Why it will never catch up with whom it follows; undefined: it will. */
  brokenOf(server: Server): string | undefined;
}

export const isUp = (server: Server): boolean => server.alive && !server.frozen;
const reaches = (a: Server, b: Server): boolean => isUp(a) && isUp(b) && !a.cut && !b.cut;

const isPrefix = (a: readonly string[], b: readonly string[]): boolean =>
  a.length <= b.length && (a.length === 0 || a.at(-1) === b[a.length - 1]);

/** Entries have unique names, so a log is known by its length and its last entry. */
export function compareLogs(a: readonly string[], b: readonly string[]): PositionOrder {
  if (isPrefix(a, b)) return a.length === b.length ? 'equal' : 'behind';
  return isPrefix(b, a) ? 'ahead' : 'diverged';
}

/** Logs are replaced and never changed, so each can have a short name. */
export interface Positions {
  of(log: readonly string[]): string;
  logAt(position: string): readonly string[];
}

function makePositions(): Positions {
  const names = new WeakMap<readonly string[], string>();
  const logs = new Map<string, readonly string[]>();
  return {
    of(log) {
      const known = names.get(log);
      if (known !== undefined) return known;
      const name = `log-${String(logs.size)}`;
      names.set(log, name);
      logs.set(name, log);
      return name;
    },
    logAt: (position) => logs.get(position) ?? [],
  };
}

export function makeServers(scheduler: Scheduler): Servers {
  const all = new Map<string, Server>();
  const rivals: string[] = [];
  const random = scheduler.fork('servers');
  const { clock } = scheduler;
  let epoch = 0;

  const judge = (instance: string): void => {
    const writers = of(instance).filter((server) => server.writable && isUp(server));
    if (writers.length > 1)
      rivals.push(
        `${writers.map(({ name }) => name).join(' and ')} take writes at once at ${new Date(clock.now()).toISOString()}`,
      );
  };
  const of = (instance: string): Server[] => [...all.values()].filter((server) => server.instance === instance);
  const named = (instance: string, name: string): Server | undefined =>
    of(instance).find((server) => server.name === name && server.alive) ??
    of(instance).find((server) => server.name === name);

  const pull = (server: Server): void => {
    const source = server.follows === undefined ? undefined : named(server.instance, server.follows);
    if (source === undefined || server.writable || !reaches(server, source) || all.get(server.uid) !== server) return;
    const order = compareLogs(server.data.log, source.data.log);
    if (order === 'behind') {
      server.data.log = [...source.data.log];
      offer(server);
    }
  };
  const offer = (source: Server): void => {
    for (const server of of(source.instance)) {
      if (server.follows === source.name) clock.after(5 + random() * 60, () => pull(server));
    }
  };
  const isCurrent = (server: Server): boolean => all.get(server.uid) === server;
  const watchdog = (server: Server): void => {
    clock.after(WATCHDOG_MS, () => {
      if (server.cut && server.alive && server.writable && server.peers().length > 1) servers.crash(server);
    });
  };

  const servers: Servers = {
    all,
    rivals,
    positions: makePositions(),
    of,
    named,
    start({ metadata: { name, uid = '' } }, instance, data, topology) {
      const { members, primary } = topology();
      let mounted = members;
      // One that is not a member (somebody scaled the StatefulSet by hand) has a peer: the one that is.
      const writable = members.length === 1 && members[0] === name;
      const server: Server = {
        uid,
        name,
        instance,
        peers: () => mounted,
        data,
        writable,
        follows: writable || primary === name ? undefined : primary,
        alive: true,
        frozen: false,
        cut: false,
      };
      all.set(uid, server);
      // The kubelet brings a changed ConfigMap to the pods that have it when it comes around.
      const refresh = (): void => {
        clock.after(random() * MOUNT_MS, () => {
          if (!isCurrent(server)) return;
          mounted = topology().members;
          refresh();
        });
      };
      refresh();
      pull(server);
      offer(server);
      judge(instance);
    },
    end(uid) {
      const server = all.get(uid);
      if (server !== undefined) server.alive = false;
      all.delete(uid);
    },
    promote(server) {
      if (!isUp(server) || !isCurrent(server) || server.writable) return;
      server.writable = true;
      server.follows = undefined;
      server.data.log = [...server.data.log, `promotion-${String(++epoch)}`];
      offer(server);
      judge(server.instance);
    },
    follow(server, primary) {
      if (!isUp(server) || !isCurrent(server) || server.writable) return;
      server.follows = primary;
      clock.after(5 + random() * 60, () => pull(server));
    },
    detach(server) {
      if (isUp(server) && isCurrent(server) && !server.writable) server.follows = undefined;
    },
    demote(server) {
      server.writable = false;
    },
    append(server, id) {
      server.data.log = [...server.data.log, id];
      offer(server);
    },
    crash(server) {
      if (!server.alive || !isCurrent(server)) return;
      server.alive = false;
      server.frozen = false;
      server.writable = false;
      clock.after(RESTART_MS + random() * 2000, () => {
        if (!isCurrent(server)) return;
        server.alive = true;
        server.writable = server.peers().length === 1 && server.peers()[0] === server.name;
        pull(server);
        offer(server);
        judge(server.instance);
      });
    },
    freeze(server, milliseconds) {
      server.frozen = true;
      clock.after(milliseconds, () => {
        server.frozen = false;
        judge(server.instance);
        pull(server);
        offer(server);
      });
    },
    cut(server, milliseconds) {
      server.cut = true;
      watchdog(server);
      clock.after(milliseconds, () => {
        server.cut = false;
        pull(server);
        offer(server);
      });
    },
    brokenOf(server) {
      const source = server.follows === undefined ? undefined : named(server.instance, server.follows);
      if (source === undefined || !reaches(server, source)) return undefined;
      const order = compareLogs(server.data.log, source.data.log);
      return order === 'diverged' || order === 'ahead' ? `its history parted from that of ${source.name}` : undefined;
    },
    streams(server) {
      const source = server.follows === undefined ? undefined : named(server.instance, server.follows);
      return (
        source !== undefined && reaches(server, source) && compareLogs(server.data.log, source.data.log) !== 'diverged'
      );
    },
  };
  return servers;
}
