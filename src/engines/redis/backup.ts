/**
 * Backups of Redis. The dump is the stream that a replica gets, so it is of one moment; keys are counted as it passes.
 * Users come with the hashes of their passwords.
 */
import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { BackupFingerprint } from '../../api/backup-order.ts';
import { BackupFault, type BackupSession, type EngineBackup, type EngineTools, type ServerAccess } from '../backup.ts';
import { backupShell } from '../backup-shell.ts';
import { parseInfo } from './topology.ts';
import { countKeys, markKey, method, toCommands } from './rdb.ts';
import { loadIoredis } from '../libraries.ts';

/** Where the throw-away server listens, on 127.0.0.1 only. */
const throwAwayPort = 63_791;

/** Nobody can be this user: its key pattern says which restore is complete, until the server starts anew. */
const markUser = 'database_operator_restored';

const script = backupShell({
  title: 'Redis',
  verbs: ['dump', 'load', 'serve'],
  functions: String.raw`
# REDISCLI_AUTH is seen by this user's processes only; an argument would be seen by all.
reach() {
  [ ! -e "$credentials/superuser-password" ] || {
    REDISCLI_AUTH=$(cat "$credentials/superuser-password")
    export REDISCLI_AUTH
  }
}
# HOST PORT
do_dump() {
  reach
  redis-cli -h "$1" -p "$2" --rdb - >"$exchange/data"
}
# HOST PORT
do_load() {
  reach
  redis-cli -h "$1" -p "$2" --pipe <"$exchange/data" >"$work/loaded" 2>&1 || {
    tail -n 5 "$work/loaded" >&2
    return 1
  }
  # Older ones end with 0 whatever was answered.
  grep -q 'errors: 0,' "$work/loaded" || {
    tail -n 5 "$work/loaded" >&2
    return 1
  }
}
# A server that nobody but this pod can reach.
do_serve() {
  cd "$scratch" || return
  redis-server --port ${throwAwayPort} --bind 127.0.0.1 --save '' --appendonly no --dir "$scratch" \
    >"$scratch/log" 2>&1 </dev/null &
  server=$!
  tries=0
  until [ "$(redis-cli -h 127.0.0.1 -p ${throwAwayPort} PING 2>/dev/null)" = PONG ]; do
    tries=$((tries + 1))
    [ "$tries" -lt 300 ] && kill -0 "$server" 2>/dev/null || {
      tail -n 10 "$scratch/log" >&2
      return 1
    }
    sleep 0.2
  done
}
`,
});

export const redisBackup: EngineBackup = {
  script,
  throwAwayPort,
  lineOf: (version) => version.split('.').slice(0, 2).join('.'),
  open: (access, tools) => session(access, tools),
};

function session(access: ServerAccess, tools: EngineTools): BackupSession {
  const place = [access.host, String(access.port)];
  let opened: Promise<Redis> | undefined;
  let marked = '';
  const call = async (...words: readonly [string, ...string[]]): Promise<unknown> => {
    const [command, ...args] = words;
    return (await (opened ??= connect(access))).call(command, ...args);
  };

  return {
    async version() {
      return parseInfo(String(await call('INFO', 'server'))).get('redis_version') ?? '';
    },

    async take(sink) {
      const users = (await call('ACL', 'LIST')) as readonly string[];
      const kept = users.filter((line) => !/^user (?:default|database_operator_\S*) /.test(line));
      await sink.put({ kind: 'accounts', format: 'acl' }, whole(JSON.stringify(kept)));
      const count = new Counter();
      await sink.put({ kind: 'server', format: 'rdb' }, count.passing(tools.output('dump', place)));
      return count.result();
    },

    async prepare(mark) {
      marked = patternOf(mark);
      const begun = await call('GET', markKey);
      if (begun !== mark) {
        if (JSON.stringify(await call('ACL', 'GETUSER', markUser)).includes(marked)) return 'complete';
        const keys = parseInfo(String(await call('INFO', 'keyspace')));
        const [first] = [...keys].filter(([name]) => /^db\d+$/.test(name));
        if (first !== undefined) throw notEmpty(`${first[0]} holds ${first[1].split(',', 1)[0] ?? ''}`);
        await call('SET', markKey, mark);
        return 'ready';
      }
      await call('FLUSHALL');
      await call('SET', markKey, mark);
      return 'ready';
    },

    async restore(source) {
      for (const stream of source.streams.filter(({ kind }) => kind === 'server')) {
        await tools.input('load', place, toCommands(source.read(stream)));
      }
      for (const stream of source.streams.filter(({ kind }) => kind === 'accounts')) {
        const chunks: Buffer[] = [];
        for await (const chunk of source.read(stream)) chunks.push(chunk);
        for (const line of JSON.parse(Buffer.concat(chunks).toString('utf8')) as string[]) {
          const [, name = '', ...rules] = line.split(' ');
          await call('ACL', 'SETUSER', name, 'reset', ...rules);
        }
      }
    },

    async finish(application) {
      if (application?.password !== undefined) {
        const hash = createHash('sha256').update(application.password).digest('hex');
        await call('ACL', 'SETUSER', application.username, 'resetpass', `#${hash}`);
      }
      await call('ACL', 'SETUSER', markUser, 'reset', 'off', `~${marked}`);
      await call('DEL', markKey);
    },

    fingerprint: () => countKeys(tools.output('dump', place)),

    async query(database, statement) {
      const words = statement.match(/"[^"]*"|\S+/g)?.map((word) => word.replace(/^"(.*)"$/, '$1')) ?? [];
      const [command = 'PING', ...args] = words;
      await call('SELECT', /^\d+$/.test(database) ? database : '0');
      const reply = await call(command, ...args);
      if (reply === null || reply === undefined) return undefined;
      return typeof reply === 'string' ? reply : JSON.stringify(reply);
    },

    async close() {
      (await opened?.catch(() => undefined))?.disconnect();
    },
  };
}

/** Counts what passes. A stream that it does not understand is stored all the same, and not counted. */
class Counter {
  #offer: ((chunk: Buffer | undefined) => void) | undefined;
  #taken: (() => void) | undefined;
  #over = false;
  readonly #counted: Promise<BackupFingerprint>;

  constructor() {
    this.#counted = countKeys(this.#arriving()).catch((error: unknown) => {
      if (error instanceof Error && error.message.includes('not known here')) {
        return { method, approximate: true, databases: {} } as const;
      }
      throw error;
    });
    this.#counted
      .catch(() => undefined)
      .finally(() => {
        this.#over = true;
        this.#taken?.();
      });
  }

  async *passing(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      await this.#give(chunk);
      yield chunk;
    }
    await this.#give(undefined);
  }

  /** Rejects when what passed was no whole dump. */
  result(): Promise<BackupFingerprint> {
    return this.#counted;
  }

  /** Resolves when the counter wants more, or nothing any more. */
  async #give(chunk: Buffer | undefined): Promise<void> {
    while (this.#offer === undefined && !this.#over) {
      await new Promise<void>((resolve) => (this.#taken = resolve));
    }
    const offer = this.#offer;
    this.#offer = undefined;
    offer?.(chunk);
  }

  async *#arriving(): AsyncGenerator<Buffer> {
    for (;;) {
      const chunk = await new Promise<Buffer | undefined>((resolve) => {
        this.#offer = resolve;
        this.#taken?.();
      });
      if (chunk === undefined) return;
      yield chunk;
    }
  }
}

async function connect({ host, port, password }: ServerAccess): Promise<Redis> {
  const { Redis: Client } = await loadIoredis();
  const client = new Client({
    ...{ host, port, lazyConnect: true, connectTimeout: 30_000, maxRetriesPerRequest: 0, enableOfflineQueue: false },
    ...(password !== '' && { password }),
    retryStrategy: () => null,
    keepAlive: 10_000,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return client;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new BackupFault('ServerUnreachable', `can't connect to Redis at ${host}:${port}: ${why}`, { cause: error });
  }
}

/** As one word of a pattern. */
const patternOf = (mark: string): string => createHash('sha256').update(mark).digest('hex');

async function* whole(content: string): AsyncGenerator<Buffer> {
  yield await Promise.resolve(Buffer.from(content));
}

const notEmpty = (what: string): BackupFault =>
  new BackupFault('NotEmpty', `the server is not empty: ${what}. Restore into a new Database, or drop that first`);
