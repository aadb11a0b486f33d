/**
 * Backups of PostgreSQL. Each database is dumped in a snapshot that the agent's own session exports, and counted in the
 * same one; as with pg_dumpall, databases are of moments that follow each other.
 */
import type { Client } from 'pg';
import {
  BackupFault,
  type Application,
  type BackupSession,
  type BackupSink,
  type EngineBackup,
  type EngineTools,
  type ServerAccess,
  type Tables,
} from '../backup.ts';
import { backupScript, markRole, throwAwayPort } from './backup-script.ts';
import { postgresqlLog } from './log.ts';
import { methodOf, quoted, steadyText, tablesOf, type Ask } from './fingerprint.ts';
import { loadPg } from '../libraries.ts';

const begun = 'begun: ';
const complete = 'complete: ';

const connectMs = 30_000;

export const postgresqlBackup: EngineBackup = {
  log: postgresqlLog,
  script: backupScript,
  throwAwayPort,
  lineOf: (version) => version.split('.', 1)[0] ?? '',
  open: (access, tools) => session(access, tools),
};

function session(access: ServerAccess, tools: EngineTools): BackupSession {
  const place = [access.host, String(access.port)];
  const connections = new Connections(access);
  const ask: Ask = async (statement, values) => (await connections.to('postgres'))(statement, values);
  let marked = '';

  return {
    async version() {
      const [row] = await ask("SELECT pg_catalog.current_setting('server_version') AS version");
      return String(row?.['version']).split(' ', 1)[0] ?? '';
    },

    async take(sink) {
      const version = await versionNumber(ask);
      await sink.put({ kind: 'accounts', format: 'sql' }, tools.output('roles', place));
      const databases: Record<string, Tables> = {};
      for (const { datname } of await ask(listDatabases)) {
        const database = String(datname);
        databases[database] = await takeDatabase(database, version, sink);
      }
      return { method: methodOf(version), databases };
    },

    async prepare(mark) {
      marked = mark;
      const [row] = await ask(readMark, [markRole]);
      if (row !== undefined) {
        const found = String(row['mark']);
        if (found === complete + mark) return 'complete';
        if (found !== begun + mark) throw notEmpty(`another restore was here (${found})`);
        await clear();
        return 'ready';
      }
      const found = await firstData();
      if (found !== undefined) throw notEmpty(`it holds ${found}`);
      await ask(`CREATE ROLE ${markRole} NOLOGIN`);
      await ask(`COMMENT ON ROLE ${markRole} IS ${literal(begun + mark)}`);
      await clear();
      return 'ready';
    },

    async restore(source) {
      for (const stream of source.streams.filter(({ kind }) => kind === 'accounts')) {
        await tools.input('load_roles', place, source.read(stream));
      }
      for (const stream of source.streams.filter(({ kind }) => kind === 'database')) {
        await tools.input('load', [...place, stream.database ?? ''], source.read(stream));
        await (
          await connections.to(stream.database ?? '')
        )('ANALYZE');
      }
    },

    async finish(application) {
      if (application !== undefined) await setApplication(application);
      await ask(`COMMENT ON ROLE ${markRole} IS ${literal(complete + marked)}`);
    },

    async fingerprint() {
      const version = await versionNumber(ask);
      const databases: Record<string, Tables> = {};
      for (const { datname } of await ask(listDatabases)) {
        const database = String(datname);
        const inside = await connections.to(database);
        await steady(inside);
        databases[database] = await tablesOf(inside, version);
      }
      return { method: methodOf(version), databases };
    },

    async query(database, statement) {
      const inside = await connections.to(database === '' ? 'postgres' : database);
      const [row] = await inside(statement);
      return asText(Object.values(row ?? {})[0]);
    },

    async files(sink) {
      const [before] = await ask(`SELECT (SELECT system_identifier::text FROM pg_control_system()) AS data,
        (SELECT redo_wal_file FROM pg_control_checkpoint()) AS piece`);
      await sink.put({ kind: 'files', format: 'tar' }, tools.output('files', place));
      // What the copy needs of the log is then in files that end here.
      const [after] = await ask(`SELECT pg_switch_wal(),
        to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS ended`);
      return {
        data: String(before?.['data']),
        firstPiece: String(before?.['piece']),
        endedAt: String(after?.['ended']),
      };
    },

    close: () => connections.close(),
  };

  async function takeDatabase(database: string, version: number, sink: BackupSink): Promise<Tables> {
    const inside = await connections.to(database);
    await steady(inside);
    await inside('BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY');
    const [row] = await inside('SELECT pg_catalog.pg_export_snapshot() AS snapshot');
    const dump = tools.output('dump', [...place, database, String(row?.['snapshot'])]);
    // In one go with the dump, so that old rows need not be kept longer than that takes.
    const [tables] = await Promise.all([
      tablesOf(inside, version),
      sink.put({ kind: 'database', database, format: 'custom' }, dump),
    ]);
    await inside('COMMIT');
    await connections.drop(database);
    return tables;
  }

  /** Names one thing that a restore would destroy or mix with. */
  async function firstData(): Promise<string | undefined> {
    for (const { datname } of await ask(listDatabases)) {
      const inside = await connections.to(String(datname));
      const [row] = await inside(anyRelation);
      if (row !== undefined) return `the relation ${String(row['name'])} in the database ${String(datname)}`;
    }
    return undefined;
  }

  /** Drops every database but the one that connections need, which is made anew when it holds anything. */
  async function clear(): Promise<void> {
    const version = await versionNumber(ask);
    for (const { datname } of await ask(listDatabases)) {
      const database = String(datname);
      const holds = (await (await connections.to(database))(anyRelation)).length > 0;
      if (database === 'postgres' && !holds) continue;
      await connections.close();
      const outside = await connections.to('template1');
      await dropDatabase(outside, database, version);
      if (database === 'postgres') await outside('CREATE DATABASE postgres');
    }
    await connections.drop('template1');
  }

  /** The data may be another Database's, with other names. */
  async function setApplication({ database, username, password }: Application): Promise<void> {
    const [role] = await ask('SELECT FROM pg_catalog.pg_roles WHERE rolname = $1', [username]);
    const [found] = await ask('SELECT FROM pg_catalog.pg_database WHERE datname = $1', [database]);
    if (found === undefined) await ask(`CREATE DATABASE ${quoted(database)} OWNER ${quoted(username)}`);
    if (password === undefined) return;
    if (role === undefined) await ask(`CREATE ROLE ${quoted(username)} LOGIN`);
    await ask("SELECT pg_catalog.set_config('log_statement', 'none', false)");
    await ask(`ALTER ROLE ${quoted(username)} PASSWORD ${literal(password)}`);
  }
}

const listDatabases = `SELECT datname FROM pg_catalog.pg_database
  WHERE datallowconn AND NOT datistemplate ORDER BY datname`;

const readMark = `SELECT COALESCE(pg_catalog.shobj_description(oid, 'pg_authid'), '') AS mark
  FROM pg_catalog.pg_roles WHERE rolname = $1`;

const anyRelation = `SELECT n.nspname || '.' || c.relname AS name
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'm', 'v', 'S', 'f') AND c.relpersistence <> 't'
    AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
      WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.deptype = 'e')
  UNION ALL SELECT 'a large object' FROM pg_catalog.pg_largeobject_metadata
  LIMIT 1`;

async function dropDatabase(ask: Ask, database: string, version: number): Promise<void> {
  if (version >= 130_000) {
    await ask(`DROP DATABASE IF EXISTS ${quoted(database)} WITH (FORCE)`);
    return;
  }
  await ask(`ALTER DATABASE ${quoted(database)} ALLOW_CONNECTIONS false`);
  await ask('SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE datname = $1', [
    database,
  ]);
  await ask(`DROP DATABASE IF EXISTS ${quoted(database)}`);
}

async function steady(ask: Ask): Promise<void> {
  for (const statement of steadyText) await ask(statement);
}

async function versionNumber(ask: Ask): Promise<number> {
  const [row] = await ask("SELECT pg_catalog.current_setting('server_version_num') AS version");
  return Number(row?.['version']);
}

const notEmpty = (what: string): BackupFault =>
  new BackupFault('NotEmpty', `the server is not empty: ${what}. Restore into a new Database, or drop that first`);

const literal = (text: string): string => ` E'${text.replace(/[\\']/g, (sign) => (sign === '\\' ? '\\\\' : "''"))}'`;

function asText(value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** One connection for each database. */
class Connections {
  readonly #access: ServerAccess;
  readonly #open = new Map<string, Client>();

  constructor(access: ServerAccess) {
    this.#access = access;
  }

  async to(database: string): Promise<Ask> {
    const client = this.#open.get(database) ?? (await this.#connect(database));
    return async (statement, values = []) =>
      (await client.query<Readonly<Record<string, unknown>>>(statement, [...values])).rows;
  }

  async drop(database: string): Promise<void> {
    const client = this.#open.get(database);
    this.#open.delete(database);
    await client?.end().catch(() => undefined);
  }

  async close(): Promise<void> {
    for (const database of [...this.#open.keys()]) await this.drop(database);
  }

  async #connect(database: string): Promise<Client> {
    const { host, port, password } = this.#access;
    const pg = await loadPg();
    const client = new pg.Client({
      ...{ host, port, user: 'postgres', password, database, ssl: false },
      application_name: 'database-operator-backup',
      connectionTimeoutMillis: connectMs,
      keepAlive: true,
      options: '-c search_path=pg_catalog -c default_transaction_read_only=off',
      // Values as the server writes them.
      types: { getTypeParser: () => (text: string) => text },
    });
    // A connection that breaks while nobody asks reports it here; the next question finds out.
    client.on('error', () => this.#open.delete(database));
    try {
      await client.connect();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new BackupFault('ServerUnreachable', `can't connect to PostgreSQL at ${host}:${port}: ${why}`, {
        cause: error,
      });
    }
    this.#open.set(database, client);
    return client;
  }
}
