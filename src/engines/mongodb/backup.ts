/**
 * Backups of MongoDB: one archive with the oplog of the time it took, so that what is restored is of one moment. Counts
 * are taken beside it, not in a snapshot, and say so. Users are not in what is restored: they would bring the old server's
 * passwords of the operator's own along.
 */
import type { Document, MongoClient } from 'mongodb';
import type { BackupFingerprint } from '../../api/backup-order.ts';
import {
  BackupFault,
  type BackupSession,
  type EngineBackup,
  type EngineTools,
  type ServerAccess,
  type Tables,
} from '../backup.ts';
import { backupShell } from '../backup-shell.ts';
import { superuser } from './paths.ts';
import { loadMongodb } from '../libraries.ts';

/** Where the throw-away server listens, on 127.0.0.1 only. */
const throwAwayPort = 47_017;

const script = backupShell({
  title: 'MongoDB',
  verbs: ['dump', 'load', 'serve'],
  functions: String.raw`
# HOST PORT; sets what every tool needs to reach the server. The password goes in a file: an argument would be seen by everybody.
reach() {
  access="--host=$1 --port=$2"
  [ -e "$credentials/superuser-password" ] || return 0
  # JSON strings are YAML strings.
  (umask 077 && printf 'password: "%s"\n' "$(sed 's/[\\"]/\\&/g' "$credentials/superuser-password")" >"$work/tools.yaml")
  access="$access --config=$work/tools.yaml --username=${superuser} --authenticationDatabase=admin"
}
# HOST PORT
do_dump() {
  reach "$1" "$2"
  mongodump $access --oplog --archive >"$exchange/data"
}
# HOST PORT. Without what is the server's own.
do_load() {
  reach "$1" "$2"
  mongorestore $access --oplogReplay --archive --stopOnError --nsExclude='admin.*' --nsExclude='config.*' <"$exchange/data"
}
# A server that nobody but this pod can reach.
do_serve() {
  mkdir -p "$scratch/data" || return
  mongod --dbpath "$scratch/data" --bind_ip 127.0.0.1 --port ${throwAwayPort} --wiredTigerCacheSizeGB 0.25 \
    --nounixsocket >"$scratch/log" 2>&1 </dev/null &
  server=$!
  tries=0
  until grep -q 'Waiting for connections' "$scratch/log"; do
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

/** Runs one command on a database. */
export type Run = (database: string, command: Document) => Promise<Document>;

export interface MongoLine {
  readonly run: Run;
  close(): Promise<void>;
}

export type OpenLine = (access: ServerAccess) => Promise<MongoLine>;

export const mongodbBackup = (open: OpenLine = openLine): EngineBackup => ({
  script,
  throwAwayPort,
  lineOf: (version) => version.split('.').slice(0, 2).join('.'),
  open: (access, tools) => session(access, tools, open),
});

/** Role that oplog entries need, and document that says which restore was begun or is complete. */
const replayRole = 'database_operator_restore';
const markCollection = 'database_operator_restore';
const ownDatabases: ReadonlySet<string> = new Set(['admin', 'config', 'local']);

function session(access: ServerAccess, tools: EngineTools, open: OpenLine): BackupSession {
  const place = [access.host, String(access.port)];
  let opened: Promise<MongoLine> | undefined;
  const run: Run = async (database, command) => (await (opened ??= open(access))).run(database, command);

  const databases = async (): Promise<readonly string[]> => {
    const { databases: all } = await run('admin', { listDatabases: 1, nameOnly: true });
    return (all as readonly Document[]).map(({ name }) => String(name)).filter((name) => !ownDatabases.has(name));
  };
  const mark = async (state: string, text: string): Promise<void> => {
    const update = { q: { _id: 'restore' }, u: { _id: 'restore', state, mark: text }, upsert: true };
    await run('admin', { update: markCollection, updates: [update], writeConcern: { w: 'majority' } });
  };
  let marked = '';

  return {
    async version() {
      return String((await run('admin', { buildInfo: 1 }))['version']);
    },

    async take(sink) {
      const fingerprint = await count(run, await databases());
      await sink.put({ kind: 'server', format: 'archive' }, tools.output('dump', place));
      return fingerprint;
    },

    async prepare(text) {
      marked = text;
      const { cursor } = await run('admin', { find: markCollection, filter: { _id: 'restore' } });
      const [found] = (cursor as { firstBatch: readonly Document[] }).firstBatch;
      const names = await databases();
      if (found === undefined) {
        if (names.length > 0) throw notEmpty(`it holds the database ${names[0] ?? ''}`);
      } else {
        if (found['mark'] !== text) throw notEmpty(`another restore was here (${String(found['mark'])})`);
        if (found['state'] === 'complete') return 'complete';
      }
      await mark('begun', text);
      for (const name of names) await run(name, { dropDatabase: 1 });
      return 'ready';
    },

    async restore(source) {
      const ownUser = access.password !== '';
      if (ownUser) await grantReplay(run);
      for (const stream of source.streams.filter(({ kind }) => kind === 'server')) {
        await tools.input('load', place, source.read(stream));
      }
      if (ownUser) await run('admin', { dropRole: replayRole });
    },

    async finish(application) {
      if (application?.password !== undefined) {
        const { username, password, database } = application;
        await run(database, { updateUser: username, pwd: password }).catch((error: unknown) => {
          if ((error as { code?: unknown }).code !== userNotFound) throw error;
        });
      }
      await mark('complete', marked);
    },

    async fingerprint() {
      return count(run, await databases());
    },

    async query(database, statement) {
      const reply = await run(database === '' ? 'admin' : database, JSON.parse(statement) as Document);
      const value: unknown = reply['n'] ?? reply['value'] ?? (reply['cursor'] as Document | undefined)?.['firstBatch'];
      if (value === undefined || value === null) return undefined;
      return typeof value === 'string' ? value : JSON.stringify(value);
    },

    async close() {
      await (await opened?.catch(() => undefined))?.close();
    },
  };
}

const userNotFound = 11;
const alreadyExists = 51_002;

async function grantReplay(run: Run): Promise<void> {
  const privileges = [{ resource: { anyResource: true }, actions: ['anyAction'] }];
  await run('admin', { createRole: replayRole, privileges, roles: [] }).catch((error: unknown) => {
    if ((error as { code?: unknown }).code !== alreadyExists) throw error;
  });
  await run('admin', { grantRolesToUser: superuser, roles: [replayRole] });
}

async function count(run: Run, names: readonly string[]): Promise<BackupFingerprint> {
  const databases: Record<string, Tables> = {};
  for (const name of names) {
    const tables: Tables = {};
    const { cursor } = await run(name, {
      listCollections: 1,
      filter: { type: 'collection' },
      cursor: { batchSize: 100_000 },
    });
    for (const { name: collection } of (cursor as { firstBatch: readonly Document[] }).firstBatch) {
      if (String(collection).startsWith('system.')) continue;
      tables[String(collection)] = {
        rows: Number((await run(name, { count: String(collection) }))['n']),
        approximate: true,
      };
    }
    databases[name] = tables;
  }
  return { method: 'mongodb/count/1', approximate: true, databases };
}

async function openLine({ host, port, password }: ServerAccess): Promise<MongoLine> {
  const { MongoClient: Client } = await loadMongodb();
  const client: MongoClient = new Client(`mongodb://${host}:${port}/`, {
    ...{ directConnection: true, serverSelectionTimeoutMS: 30_000, connectTimeoutMS: 30_000 },
    ...(password !== '' && { auth: { username: superuser, password }, authSource: 'admin' }),
  });
  try {
    await client.connect();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new BackupFault('ServerUnreachable', `can't connect to MongoDB at ${host}:${port}: ${why}`, { cause: error });
  }
  return { run: (database, command) => client.db(database).command(command), close: () => client.close() };
}

const notEmpty = (what: string): BackupFault =>
  new BackupFault('NotEmpty', `the server is not empty: ${what}. Restore into a new Database, or drop that first`);
