/**
 * Asks and steers one Redis server. Members are named to each other by `<pod>.<headless service>`: an address changes
 * with every new pod, a name is looked up again at every try to connect.
 */
import type { Redis } from 'ioredis';
import type { MemberAddress, MemberClient, MemberView, TopologyDriver } from '../engine.ts';
import { volumeUse } from '../volume-use.ts';
import { nobody, positionUser, volumeUser } from './paths.ts';
import { comparePositions, positionOf, type Origin } from './position.ts';
import { loadIoredis } from '../libraries.ts';

/** Seconds without a word from the primary, which pings every second, until the stream counts as gone. */
const silence = 3;

export type Info = ReadonlyMap<string, string>;

/** `name:value` lines of INFO. */
export const parseInfo = (text: string): Info =>
  new Map(
    text.split(/\r?\n/).flatMap((line) => {
      const colon = line.indexOf(':');
      return colon > 0 ? [[line.slice(0, colon), line.slice(colon + 1)] as const] : [];
    }),
  );

/** `name=value` in the key patterns of a user, from the reply to ACL GETUSER, whose shape differs between versions. */
const patternsOf = (reply: unknown): ReadonlyMap<string, string> =>
  new Map(
    JSON.stringify(reply ?? null)
      .split(/[\s",~]+/)
      .filter((word) => word.includes('='))
      .map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]),
  );

/** From the reply to ACL GETUSER; undefined: the boot script has not told yet. */
export function parseOrigin(reply: unknown): Origin | undefined {
  const words = patternsOf(reply);
  const self = words.get('self');
  if (self === undefined || self === '') return undefined;
  return { self, base: words.get('base') ?? '', bornPrimary: words.get('born') === 'primary' };
}

const databaseOf = (pod: string): string => pod.replace(/-[0-9]+$/, '');

/** How another member of the same Database reaches this pod. */
export const memberHost = (pod: string): string => `${pod}.${databaseOf(pod)}-headless`;

/** Throws while it loads its data, or has not yet said where that comes from. */
export function viewOf(info: Info, origin: Origin | undefined): MemberView {
  const value = (name: string): string => info.get(name) ?? '';
  const role = value('role');
  if (role !== 'master' && role !== 'slave') throw new Error('INFO has no role');
  if (value('loading') !== '0') throw new Error(`loading its data, ${value('loading_loaded_perc') || 'some '}% done`);
  if (origin === undefined) throw new Error('starting: where its data comes from is not told yet');
  const writable = role === 'master';
  const position = positionOf(
    {
      id: value('master_replid'),
      offset: value('master_repl_offset'),
      olderId: value('master_replid2'),
      olderEnd: value('second_repl_offset'),
      writable,
    },
    origin,
  );
  return writable ? { writable, streaming: false, position } : { writable, position, ...source(info) };
}

/** Of a read-only member: whom it follows, and how that goes. */
function source(info: Info): Pick<MemberView, 'follows' | 'streaming' | 'lagSeconds'> {
  const host = info.get('master_host') ?? '';
  const [pod = ''] = host.split('.', 1);
  const linked = info.get('master_link_status') === 'up';
  const silent = Number(info.get(linked ? 'master_last_io_seconds_ago' : 'master_link_down_since_seconds') ?? -1);
  return {
    ...(host === memberHost(pod) && { follows: pod }),
    streaming: linked && silent >= 0 && silent <= silence,
    // Pings come once a second: less than two of silence is no lag that anybody could tell.
    ...(silent >= 0 && { lagSeconds: linked && silent < 2 ? 0 : silent }),
  };
}

/** Sends commands in one go and gives their replies in order; rejects when one of them is an error. */
export type Ask = (...commands: readonly (readonly string[])[]) => Promise<readonly unknown[]>;

/** A connection; `close` may be called at any time. */
export interface Line {
  readonly ask: Ask;
  close(): void;
}

export function memberClient(line: Line): MemberClient {
  const isWritable = async (): Promise<boolean> => {
    const [reply] = await line.ask(['INFO', 'replication']);
    return parseInfo(String(reply)).get('role') === 'master';
  };
  return {
    async view() {
      const [replication, persistence, user] = await line.ask(
        ['INFO', 'replication'],
        ['INFO', 'persistence'],
        ['ACL', 'GETUSER', positionUser],
      );
      return viewOf(parseInfo(`${String(persistence)}\n${String(replication)}`), parseOrigin(user));
    },
    async promote() {
      await line.ask(['REPLICAOF', 'NO', 'ONE']);
      if (!(await isWritable())) throw new Error('still a replica after REPLICAOF NO ONE');
    },
    async follow(primary) {
      // REPLICAOF would take the writes of a primary away with no more than its own word.
      if (await isWritable()) throw new Error('takes writes: it has to be demoted before it follows another');
      await line.ask(['REPLICAOF', memberHost(primary.pod), String(primary.port)]);
    },
    // What was confirmed is in the buffers of its replicas, whose connections stay: from 7.0 on they get all of it.
    async demote() {
      if (await isWritable()) await line.ask(['REPLICAOF', ...nobody.split(' ')]);
      await line.ask(['CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'], ['CLIENT', 'KILL', 'TYPE', 'pubsub']);
    },
    async volume() {
      const [user, time] = await line.ask(['ACL', 'GETUSER', volumeUser], ['TIME']);
      const words = patternsOf(user);
      const [seconds] = (Array.isArray(time) ? time : []) as readonly unknown[];
      return volumeUse(['at', 'used', 'size'].map((name) => words.get(name) ?? '').join(' '), Number(seconds));
    },
    close: () => line.close(),
  };
}

/** Connects when first asked, and anew after anything went wrong. */
export function redisLine({ pod, host, port, superuserPassword, timeoutMs }: MemberAddress): Line {
  let line: { readonly client: Redis; readonly opened: Promise<Redis> } | undefined;
  // Also while it is still opening: a server that is stopped takes connections and never answers.
  const close = (): void => {
    line?.client.disconnect();
    line = undefined;
  };
  const ask = async (
    library: Pick<typeof import('ioredis'), 'Redis'>,
    commands: readonly (readonly string[])[],
  ): Promise<readonly unknown[]> => {
    line ??= connect(library, host, port, superuserPassword, timeoutMs);
    const client = await line.opened;
    const pipeline = client.pipeline();
    for (const [name = '', ...rest] of commands) pipeline.call(name, ...rest);
    const replies = await pipeline.exec();
    return (replies ?? []).map(([error, reply]) => {
      if (error) throw error;
      return reply;
    });
  };
  return {
    close,
    async ask(...commands) {
      try {
        // Loaded before the clock runs: the first time takes longer than any server should.
        const library = await loadIoredis();
        return await within(timeoutMs, ask(library, commands));
      } catch (error) {
        close();
        throw described(pod, error);
      }
    },
  };
}

function connect(
  library: Pick<typeof import('ioredis'), 'Redis'>,
  host: string,
  port: number,
  password: string,
  timeoutMs: number,
): { readonly client: Redis; readonly opened: Promise<Redis> } {
  const client = new library.Redis({
    host,
    port,
    username: 'default',
    password,
    protocol: 2,
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    lazyConnect: true,
    enableOfflineQueue: false,
    enableReadyCheck: false,
    disableClientInfo: true,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  // The promise says only that the connection is closed; the reason comes as an event.
  let fault: Error | undefined;
  client.on('error', (error: Error) => (fault ??= error));
  const opened = client.connect().then(
    () => client,
    (error: unknown) => {
      throw fault ?? error;
    },
  );
  opened.catch(() => undefined);
  return { client, opened };
}

/** The library's errors carry the command and its arguments, passwords among them: only the words and the code go on. */
function described(pod: string, error: unknown): Error {
  const { message, code } = error as { message?: string; code?: unknown };
  return Object.assign(new Error(`${pod}: ${message ?? 'no answer'}`), typeof code === 'string' ? { code } : {});
}

const within = async <T>(milliseconds: number, promise: Promise<T>): Promise<T> => {
  const signal = AbortSignal.timeout(milliseconds);
  const { promise: late, reject } = Promise.withResolvers<never>();
  signal.addEventListener('abort', () => {
    reject(Object.assign(new Error(`no answer within ${milliseconds} ms`), { code: 'ETIMEDOUT' }));
  });
  return Promise.race([promise, late]);
};

export const topology: TopologyDriver = {
  connect: (address) => memberClient(redisLine(address)),
  demotes: true,
  comparePositions,
};
