/**
 * Asks and steers one MongoDB server. The members of a replica set elect their primary by themselves, so here little is
 * steered: a member is added to the set by its primary, and the primary can be asked to step down or another to stand.
 * Members are known to each other as `<pod>.<headless service>.<namespace>.svc:27017`; the first label is the pod.
 */
import type { Document, MongoClient } from 'mongodb';
import type { MemberAddress, MemberClient, MemberView, PositionOrder, TopologyDriver } from '../engine.ts';
import { superuser } from './paths.ts';
import { loadMongodb } from '../libraries.ts';

/** Runs one command, on the database `admin` unless another is named; rejects with the server's error, which has a `code`. */
export type Command = (command: Document, database?: string) => Promise<Document>;

export interface Connection {
  readonly run: Command;
  close(): void;
}

/** Error codes of the server. */
const notYetInitialized = 94;
const invalidConfig = 93;
/** States of a member, as replSetGetStatus gives them. */
const states = { primary: 1, secondary: 2, recovering: 3 } as const;

const podOf = (host: unknown): string => (typeof host === 'string' ? (host.split(/[.:]/, 1)[0] ?? '') : '');

/** Seconds and counter of a BSON timestamp, however the library gives it; `0:0` when it is none. */
function timestamp(value: unknown): string {
  const { t, i } = (value ?? {}) as { t?: unknown; i?: unknown };
  return typeof t === 'number' && typeof i === 'number' ? `${t}:${i}` : '0:0';
}

/** `term:seconds:counter` of the newest entry in its oplog; empty when it has none. */
export function positionOf(optime: unknown): string {
  const { ts, t } = (optime ?? {}) as { ts?: unknown; t?: unknown };
  const time = timestamp(ts);
  return time === '0:0' ? '' : `${Number(t)}:${time}`;
}

const position = /^(-?[0-9]{1,15}):([0-9]{1,15}):([0-9]{1,15})$/;

/** Entries are ordered by term, then time. What a majority never had is rolled back by the server: nothing parts for good. */
export function comparePositions(a: string, b: string): PositionOrder {
  const [left, right] = [position.exec(a), position.exec(b)];
  if (left === null || right === null) return left === right ? 'equal' : left === null ? 'behind' : 'ahead';
  for (let part = 1; part <= 3; part++) {
    const difference = Number(left[part]) - Number(right[part]);
    if (difference !== 0) return difference > 0 ? 'ahead' : 'behind';
  }
  return 'equal';
}

const outside: MemberView = { writable: false, streaming: false, position: '' };

/** From the reply to replSetGetStatus. */
export function viewOf(status: Document): MemberView {
  const members = (Array.isArray(status['members']) ? status['members'] : []) as readonly Document[];
  const self = members.find((member) => member['self'] === true);
  if (self === undefined) return outside;
  const state = Number(status['myState']);
  const view = { position: positionOf(self['optime']) };
  const voters = members.map(({ name }) => podOf(name)).filter((pod) => pod !== '');
  if (state === states.primary) return { ...view, writable: true, streaming: false, voters };
  const primary = members.find((member) => member['state'] === states.primary && member['health'] === 1);
  const lag = lagSeconds(self, primary);
  const broken = brokenBy(state, self);
  return {
    ...view,
    writable: false,
    ...(primary && { follows: podOf(primary['name']) }),
    streaming: state === states.secondary && primary !== undefined && status['syncSourceHost'] !== '',
    ...(lag !== undefined && { lagSeconds: lag }),
    ...(broken !== undefined && { broken }),
  };
}

function lagSeconds(self: Document, primary: Document | undefined): number | undefined {
  const [mine, theirs] = [self['optimeDate'], primary?.['optimeDate']].map((date) =>
    date instanceof Date ? date.getTime() : Number.NaN,
  );
  const lag = Math.round(((theirs ?? Number.NaN) - (mine ?? Number.NaN)) / 1000);
  return Number.isNaN(lag) ? undefined : Math.max(0, lag);
}

function brokenBy(state: number, self: Document): string | undefined {
  const words = [self['infoMessage'], self['lastHeartbeatMessage']]
    .filter((word) => typeof word === 'string')
    .join(' ');
  return state === states.recovering && /too stale/i.test(words)
    ? 'it was away for longer than the oplog goes back, so it has to copy everything anew'
    : undefined;
}

/** Configuration with one member more; undefined when it is in it. New members don't vote before they have copied. */
export function withMember(config: Document, pod: string): Document | undefined {
  const members = (config['members'] ?? []) as readonly Document[];
  if (members.some((member) => podOf(member['host']) === pod)) return undefined;
  const pattern = members.map((member) => String(member['host'])).find((host) => host.includes('.'));
  if (pattern === undefined) throw new Error('the set has no member with a name to take as a pattern');
  const host = `${pod}${pattern.slice(pattern.indexOf('.'))}`;
  const _id = Math.max(-1, ...members.map((member) => Number(member['_id']))) + 1;
  return { ...config, version: Number(config['version']) + 1, members: [...members, { _id, host }] };
}

/** Configuration without a member; undefined when it is not in it. */
export function withoutMember(config: Document, pod: string): Document | undefined {
  const members = (config['members'] ?? []) as readonly Document[];
  const left = members.filter((member) => podOf(member['host']) !== pod);
  if (left.length === members.length) return undefined;
  return { ...config, version: Number(config['version']) + 1, members: left };
}

const codeOf = (error: unknown): unknown => (error as { code?: unknown } | null)?.code;

/** `toPrimary` gives a connection to another member. */
export function memberClient(
  pod: string,
  run: Command,
  toPrimary: (primary: MemberAddress) => Connection,
  timeoutMs: number,
): Omit<MemberClient, 'close'> {
  const isPrimary = async (): Promise<boolean> => (await run({ hello: 1 }))['isWritablePrimary'] === true;
  return {
    async view() {
      try {
        return viewOf(await run({ replSetGetStatus: 1 }));
      } catch (error) {
        // It waits to be added to the set, or was taken out of it.
        if (codeOf(error) === notYetInitialized || codeOf(error) === invalidConfig) return outside;
        throw error;
      }
    },
    async promote() {
      if (await isPrimary()) return;
      await run({ replSetStepUp: 1 });
      if (!(await isPrimary())) throw new Error('the election is not decided yet');
    },
    // One change at a time: the server refuses the next one until a majority has taken the last.
    async follow(primary) {
      const other = toPrimary(primary);
      try {
        const { config } = (await other.run({ replSetGetConfig: 1 })) as { config?: Document };
        const changed = withMember(config ?? {}, pod);
        if (changed) await other.run({ replSetReconfig: changed, maxTimeMS: timeoutMs });
      } finally {
        other.close();
      }
    },
    async retire(gone) {
      const { config } = (await run({ replSetGetConfig: 1 })) as { config?: Document };
      const changed = withoutMember(config ?? {}, gone);
      if (changed) await run({ replSetReconfig: changed, maxTimeMS: timeoutMs });
    },
    // Waits a little for a secondary that has everything; without one it stays primary and says so.
    async demote() {
      if (!(await isPrimary())) return;
      const secondaryCatchUpPeriodSecs = Math.max(1, Math.floor(timeoutMs / 1000) - 1);
      await run({ replSetStepDown: secondaryCatchUpPeriodSecs + 20, secondaryCatchUpPeriodSecs });
    },
    async volume() {
      const { fsUsedSize, fsTotalSize } = await run({ dbStats: 1 });
      const [usedBytes, sizeBytes] = [Number(fsUsedSize), Number(fsTotalSize)];
      return usedBytes >= 0 && sizeBytes > 0 ? { usedBytes, sizeBytes, ageSeconds: 0 } : undefined;
    },
  };
}

/** Connects when first asked, and anew after anything went wrong. */
export function connection(address: MemberAddress): Connection {
  const { pod, host, superuserPassword, timeoutMs } = address;
  let client: Promise<MongoClient> | undefined;
  const close = (): void => {
    client?.then((open) => open.close(true)).catch(() => undefined);
    client = undefined;
  };
  return {
    close,
    async run(command, database = 'admin') {
      try {
        client ??= open(host, address.port, superuserPassword, timeoutMs);
        const connected = await client;
        return await connected.db(database).command(command, { timeoutMS: timeoutMs });
      } catch (error) {
        const code = codeOf(error);
        if (typeof code !== 'number') close();
        const { message, cause } = error as { message?: string; cause?: unknown };
        const reason = code ?? codeOf(cause);
        throw Object.assign(
          new Error(`${pod}: ${message ?? 'no answer'}`),
          reason === undefined ? {} : { code: reason },
        );
      }
    },
  };
}

async function open(host: string, to: number, password: string, timeoutMs: number): Promise<MongoClient> {
  const library = await loadMongodb();
  const client = new library.MongoClient(`mongodb://${host.includes(':') ? `[${host}]` : host}:${to}/admin`, {
    auth: { username: superuser, password },
    directConnection: true,
    appName: 'database-operator',
    maxPoolSize: 1,
    retryReads: false,
    retryWrites: false,
    connectTimeoutMS: timeoutMs,
    serverSelectionTimeoutMS: timeoutMs,
    socketTimeoutMS: timeoutMs,
    // The operator asks often enough by itself.
    heartbeatFrequencyMS: 60_000,
    serverMonitoringMode: 'poll',
  });
  try {
    return await client.connect();
  } catch (error) {
    await client.close(true);
    throw error;
  }
}

export const topology: TopologyDriver = {
  connect(address) {
    const own = connection(address);
    return { ...memberClient(address.pod, own.run, connection, address.timeoutMs), close: () => own.close() };
  },
  comparePositions,
  demotes: true,
  elects: true,
};
