/**
 * Backups of MySQL and MariaDB. The dump and the count are two sessions with a snapshot of the same moment: a short global
 * read lock keeps writers away while both are opened. A query that runs long would make that lock wait, and everybody who
 * writes behind it; so it waits for seconds only, lets go, and tries again later.
 */
import type { Connection, RowDataPacket } from 'mysql2/promise';
import {
  BackupFault,
  type BackupSession,
  type BackupSink,
  type EngineBackup,
  type EngineTools,
  type ServerAccess,
  type Tables,
} from '../backup.ts';
import { accountsOf, type AccountWords } from './accounts.ts';
import { backupScript, throwAwayPort, type DumpWords } from './backup-script.ts';
import { text, type Ask } from './connection.ts';
import { anyTable, listDatabases, method, quoted, steadyText, tablesOf } from './fingerprint.ts';

export interface BackupWords {
  readonly dump: DumpWords;
  readonly accounts: AccountWords;
}

/** Says which restore was begun or is complete; in a schema that no dump holds. */
const markTable = 'mysql.database_operator_restore';

/** Seconds that writers may wait behind the lock, and how often it is tried. */
const lockSeconds = 5;
const lockTries = 10;

export const mysqlFamilyBackup = (words: BackupWords): EngineBackup => ({
  script: backupScript(words.dump),
  throwAwayPort,
  lineOf: (version) => version.split('.').slice(0, 2).join('.'),
  open: (access, tools) => session(access, tools, words.accounts),
});

function session(access: ServerAccess, tools: EngineTools, accounts: AccountWords): BackupSession {
  const place = [access.host, String(access.port)];
  const connections = new Connections(access);
  const ask: Ask = async (statement, values) => (await connections.named('main'))(statement, values);
  const databases = async (): Promise<readonly string[]> => (await ask(listDatabases)).map((row) => text(row, 'name'));

  return {
    async version() {
      const [row] = await ask('SELECT VERSION() AS version');
      return text(row, 'version').split('-', 1)[0] ?? '';
    },

    async take(sink) {
      const statements = await accountsOf(ask, accounts);
      await sink.put({ kind: 'accounts', format: 'statements' }, whole(JSON.stringify(statements)));
      const names = await databases();
      const found = names.length === 0 ? {} : await takeAll(names, sink);
      return { method, databases: found };
    },

    async prepare(mark) {
      await ask(`CREATE TABLE IF NOT EXISTS ${markTable} (state VARCHAR(16) NOT NULL, mark VARCHAR(2000) NOT NULL)`);
      const [row] = await ask(`SELECT state, mark FROM ${markTable}`);
      if (row !== undefined) {
        if (text(row, 'mark') !== mark) throw notEmpty(`another restore was here (${text(row, 'mark')})`);
        if (text(row, 'state') === 'complete') return 'complete';
      } else {
        const [table] = await ask(anyTable);
        if (table !== undefined) throw notEmpty(`it holds ${text(table, 'name')}`);
        await ask(`INSERT INTO ${markTable} VALUES ('begun', ?)`, [mark]);
      }
      for (const name of await databases()) await ask(`DROP DATABASE ${quoted(name)}`);
      return 'ready';
    },

    async restore(source) {
      for (const stream of source.streams.filter(({ kind }) => kind === 'server')) {
        await tools.input('load', place, source.read(stream));
      }
      for (const stream of source.streams.filter(({ kind }) => kind === 'accounts')) {
        const chunks: Buffer[] = [];
        for await (const chunk of source.read(stream)) chunks.push(chunk);
        for (const statement of JSON.parse(Buffer.concat(chunks).toString('utf8')) as string[]) await ask(statement);
      }
      await ask('FLUSH PRIVILEGES');
    },

    async finish(application) {
      if (application !== undefined) {
        await ask(`CREATE DATABASE IF NOT EXISTS ${quoted(application.database)} CHARACTER SET utf8mb4`);
        const { username, password } = application;
        if (password !== undefined) {
          await ask("CREATE USER IF NOT EXISTS ?@'%' IDENTIFIED BY ?", [username, password]);
          await ask("ALTER USER ?@'%' IDENTIFIED BY ?", [username, password]);
          await ask(`GRANT ALL ON ${quoted(application.database.replaceAll('_', '\\_'))}.* TO ?@'%'`, [username]);
        }
      }
      await ask(`UPDATE ${markTable} SET state = 'complete'`);
    },

    async fingerprint() {
      await steady(ask);
      const found: Record<string, Tables> = {};
      for (const name of await databases()) found[name] = await tablesOf(ask, name);
      return { method, databases: found };
    },

    async query(database, statement) {
      const inside = await connections.named('assertions');
      if (database !== '') await inside(`USE ${quoted(database)}`);
      const [row] = await inside(statement);
      const value = Object.values(row ?? {})[0];
      if (value === undefined || value === null) return undefined;
      return typeof value === 'string' ? value : JSON.stringify(value);
    },

    close: () => {
      connections.close();
      return Promise.resolve();
    },
  };

  async function takeAll(names: readonly string[], sink: BackupSink): Promise<Record<string, Tables>> {
    const count = await connections.named('count');
    await steady(count);
    await count('SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ');
    const lock = await connections.named('lock');
    await lockAll(lock);
    await count('START TRANSACTION WITH CONSISTENT SNAPSHOT');
    const dumped = sink.put({ kind: 'server', format: 'sql' }, tools.output('dump', [...place, ...names]));
    const { promise: failed, reject } = Promise.withResolvers<never>();
    dumped.catch(reject);
    failed.catch(() => undefined);
    try {
      await Promise.race([dumpHasItsSnapshot(ask, await connections.ids()), failed]);
    } finally {
      await lock('UNLOCK TABLES');
    }
    connections.drop('lock');
    const found: Record<string, Tables> = {};
    for (const name of names) found[name] = await Promise.race([tablesOf(count, name), failed]);
    await dumped;
    await count('COMMIT');
    return found;
  }
}

async function lockAll(lock: Ask): Promise<void> {
  await lock(`SET SESSION lock_wait_timeout = ${lockSeconds}`);
  for (let attempt = 1; ; attempt++) {
    try {
      await lock('FLUSH TABLES WITH READ LOCK');
      return;
    } catch (error) {
      if ((error as { errno?: unknown }).errno !== lockWaitTimeout) throw error;
      if (attempt === lockTries) throw await busy(lock, error);
      // The server does the waiting: nobody is behind this one.
      await lock('DO SLEEP(?)', [lockSeconds * 4]);
    }
  }
}

/** ER_LOCK_WAIT_TIMEOUT */
const lockWaitTimeout = 1205;

async function busy(ask: Ask, cause: unknown): Promise<BackupFault> {
  const [longest] = await ask(
    `SELECT id, user, time FROM information_schema.processlist
      WHERE command = 'Query' AND id <> CONNECTION_ID() ORDER BY time DESC LIMIT 1`,
  );
  const who =
    longest === undefined
      ? ''
      : ` Connection ${text(longest, 'id')} of ${text(longest, 'user')} runs for ${text(longest, 'time')} s.`;
  const what = `the server could not be brought to a stand for a moment (${lockTries} tries of ${lockSeconds} s): a statement runs too long.${who}`;
  return new BackupFault('ServerBusy', `${what} Choose a quieter time, or end it`, { cause });
}

/**
 * The dump comes from this pod's own address; its transaction stands in the list once it has begun, and its snapshot is
 * there once it is past the statement that opens it.
 */
async function dumpHasItsSnapshot(ask: Ask, own: readonly string[]): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const rows = await ask(
      `SELECT p.id AS id FROM information_schema.innodb_trx t JOIN information_schema.processlist p ON p.id = t.trx_mysql_thread_id
        WHERE SUBSTRING_INDEX(p.host, ':', 1) =
          (SELECT SUBSTRING_INDEX(me.host, ':', 1) FROM information_schema.processlist me WHERE me.id = CONNECTION_ID())
        AND COALESCE(p.info, '') NOT LIKE '%START TRANSACTION%'`,
    );
    if (rows.some((row) => !own.includes(text(row, 'id')))) return;
    await ask('DO SLEEP(0.1)');
  }
  throw new BackupFault('DumpFailed', 'the dump has not begun within 20 s, and writers wait for it: try again');
}

async function steady(ask: Ask): Promise<void> {
  for (const statement of steadyText) await ask(statement);
}

async function* whole(content: string): AsyncGenerator<Buffer> {
  yield await Promise.resolve(Buffer.from(content));
}

const notEmpty = (what: string): BackupFault =>
  new BackupFault('NotEmpty', `the server is not empty: ${what}. Restore into a new Database, or drop that first`);

/** Sessions by what they are for. */
class Connections {
  readonly #access: ServerAccess;
  readonly #open = new Map<string, Connection>();

  constructor(access: ServerAccess) {
    this.#access = access;
  }

  async named(name: string): Promise<Ask> {
    const connection = this.#open.get(name) ?? (await this.#connect(name));
    return async (statement, values = []) => {
      const [rows] = await connection.query<RowDataPacket[]>(statement, [...values]);
      return Array.isArray(rows) ? rows : [];
    };
  }

  /** Their numbers in the server. */
  async ids(): Promise<readonly string[]> {
    const ids: string[] = [];
    for (const name of this.#open.keys()) {
      const [row] = await (await this.named(name))('SELECT CONNECTION_ID() AS id');
      ids.push(text(row, 'id'));
    }
    return ids;
  }

  drop(name: string): void {
    this.#open.get(name)?.destroy();
    this.#open.delete(name);
  }

  close(): void {
    for (const name of [...this.#open.keys()]) this.drop(name);
  }

  async #connect(name: string): Promise<Connection> {
    const { host, port, password } = this.#access;
    // In the image's bundle a CommonJS module has its default only.
    const { default: mysql } = await import('mysql2/promise');
    try {
      const connection = await mysql.createConnection({
        ...{ host, port, user: 'root', password, connectTimeout: 30_000, charset: 'utf8mb4', dateStrings: true },
        ...{ supportBigNumbers: true, bigNumberStrings: true, enableKeepAlive: true },
      });
      // The quoting of values relies on backslashes, whatever the configuration says.
      await connection.query("SET SESSION sql_mode = ''");
      connection.on('error', () => this.#open.delete(name));
      this.#open.set(name, connection);
      return connection;
    } catch (error) {
      const why =
        error instanceof Error && error.message !== '' ? error.message : String((error as { code?: unknown }).code);
      throw new BackupFault('ServerUnreachable', `can't connect to the server at ${host}:${port}: ${why}`, {
        cause: error,
      });
    }
  }
}
