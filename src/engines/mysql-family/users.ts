/** Makes users true in MySQL and MariaDB. What the two say differently is in `UserWords`. */
import { connectionUri, encodePart } from '../uri.ts';
import {
  noReport,
  UserRefused,
  type DropReport,
  type UserNames,
  type UserReport,
  type UsersClient,
  type UsersDriver,
  type UsersServer,
  type WantedUser,
} from '../users.ts';
import { MemberConnection, text, versionNumber, type Server } from './connection.ts';
import { endSessions } from './sessions.ts';
import {
  accountOf,
  identifier,
  onDatabase,
  parseGrants,
  planGrants,
  rightsOf,
  type GrantStatement,
} from './users-grants.ts';

/** What a server keeps of one account. */
export interface Kept {
  readonly plugin: string;
  readonly secret: string;
}

export interface UserWords {
  /** `IDENTIFIED …` with a hash, never with the password. `random` gives bytes. */
  identified(password: string, version: number, random: (count: number) => Uint8Array): string;
  isPassword(kept: Kept, password: string): boolean;
  /** Statement that keeps the account from logging in. */
  lock(account: string, version: number): string;
  /** Limits that the account itself can have, by the words of `WITH`; '' for 'none'. */
  limits(limits: NonNullable<WantedUser['limits']>): {
    readonly words: Readonly<Record<string, string>>;
    readonly unsupported: readonly string[];
  };
}

/** Milliseconds. */
const patience = 20_000;
const namesOf = ({ name, alternate }: UserNames): readonly string[] =>
  alternate === undefined ? [name] : [name, alternate];

class Users implements UsersClient {
  readonly #server: UsersServer;
  readonly #words: UserWords;
  readonly #random: (count: number) => Uint8Array;
  readonly #primary: MemberConnection;

  constructor(server: UsersServer, words: UserWords, random: (count: number) => Uint8Array) {
    this.#server = server;
    this.#words = words;
    this.#random = random;
    this.#primary = new MemberConnection(server.primary);
  }

  /** Neither the general log nor the slow one hears of it. */
  async #work<T>(work: (server: Server) => Promise<T>): Promise<T> {
    const result = await this.#primary.within(patience, async (server) => {
      const [row] = await server.ask('SELECT @@GLOBAL.read_only AS ro');
      if (text(row, 'ro') !== '0') throw new Error('takes no writes now');
      await server.ask('SET SESSION sql_log_off = 1');
      await server.ask('SET SESSION long_query_time = 3600');
      // A refusal is an answer: nothing is wrong with the connection.
      return work(server).catch((error: unknown) => {
        if (error instanceof UserRefused) return error;
        throw error;
      });
    });
    if (result instanceof UserRefused) throw result;
    return result;
  }

  ensure(user: WantedUser): Promise<UserReport> {
    return this.#work(async (server) => {
      const done: GrantStatement[] = [];
      const say = async (statement: GrantStatement): Promise<void> => {
        await server.ask(statement.sql);
        done.push(statement);
      };
      const missing = await this.#missing(server, user);
      if (user.home !== undefined) await this.#house(server, user, user.home, say);
      const { words, unsupported } = this.#words.limits(user.limits ?? {});
      const used = new Set([user.name, user.login.name, ...(user.previous === undefined ? [] : [user.previous.name])]);
      const rights = rightsOf(user.privileges, this.#server.application.database, user.home);
      const present = new Map([...rights].filter(([target]) => !missing.has(target)));
      for (const name of namesOf(user)) {
        const kept = await accountIn(server, name);
        if (kept === undefined && !used.has(name)) continue;
        await this.#account(server, name, kept, { user, words }, say);
        const grants = parseGrants(await showGrants(server, name));
        for (const statement of planGrants(name, present, grants)) await say(statement);
      }
      const size = user.home === undefined ? undefined : await sizeOf(server, user.home);
      return {
        ...noReport,
        changes: done.filter(({ takes }) => takes !== true).map(({ says }) => says),
        revoked: done.filter(({ takes }) => takes === true).map(({ says }) => says),
        missing: [...missing.values()],
        unsupported,
        ...(size !== undefined && { size }),
      };
    });
  }

  /** Rights on a table can't be given before there is one; by target, in words. */
  async #missing({ ask }: Server, { privileges }: WantedUser): Promise<ReadonlyMap<string, string>> {
    const found = new Map<string, string>();
    for (const { database = this.#server.application.database, table } of privileges) {
      const [home] = await ask('SELECT 1 AS yes FROM information_schema.schemata WHERE schema_name = ?', [database]);
      if (home === undefined) {
        const target = table === undefined ? onDatabase(database) : `${identifier(database)}.${identifier(table)}`;
        found.set(target, `database ${database}`);
      } else if (table !== undefined) {
        const statement = 'SELECT 1 AS yes FROM information_schema.tables WHERE table_schema = ? AND table_name = ?';
        const [row] = await ask(statement, [database, table]);
        if (row === undefined) found.set(`${identifier(database)}.${identifier(table)}`, `table ${database}.${table}`);
      }
    }
    return found;
  }

  async #account(
    server: Server,
    name: string,
    kept: Account | undefined,
    { user, words }: { readonly user: WantedUser; readonly words: Readonly<Record<string, string>> },
    say: (statement: GrantStatement) => Promise<void>,
  ): Promise<void> {
    const account = accountOf(name);
    const version = versionNumber(server.version);
    assertOurs(name, kept, user);
    const isCurrent = user.login.name === name;
    // An account without a password would let everybody in.
    const password = isCurrent ? user.login.password : Buffer.from(this.#random(24)).toString('base64url');
    const identified = (): string => this.#words.identified(password, version, this.#random);
    if (kept === undefined) await say({ sql: `CREATE USER ${account} ${identified()}`, says: `account ${name} made` });
    else if (isCurrent && !this.#words.isPassword(kept, password))
      await say({ sql: `ALTER USER ${account} ${identified()}`, says: `password of ${name}` });
    const shut = !isCurrent && user.previous?.name !== name;
    if (shut !== (kept?.isLocked ?? false)) {
      const sql = shut ? this.#words.lock(account, version) : `ALTER USER ${account} ACCOUNT UNLOCK`;
      await say({ sql, says: `${name} ${shut ? 'locked' : 'unlocked'}` });
    }
    const limits = Object.entries(words).filter(([word, value]) => (kept?.limits[word] ?? '0') !== value);
    if (limits.length === 0) return;
    const all = limits.map(([word, value]) => `${word} ${value}`).join(' ');
    await say({ sql: `ALTER USER ${account} WITH ${all}`, says: `${name}: ${all.toLowerCase()}` });
  }

  async #house(
    { ask }: Server,
    { name, known }: WantedUser,
    home: string,
    say: (statement: GrantStatement) => Promise<void>,
  ): Promise<void> {
    const [row] = await ask('SELECT 1 AS yes FROM information_schema.schemata WHERE schema_name = ?', [home]);
    if (row === undefined) {
      await say({ sql: `CREATE DATABASE ${identifier(home)} CHARACTER SET utf8mb4`, says: `database ${home} made` });
      return;
    }
    if (known === true) return;
    const pattern = onDatabase(home).slice(1, -3).replaceAll('``', '`');
    const [other] = await ask('SELECT user FROM mysql.db WHERE db IN (?, ?) AND user <> ?', [home, pattern, name]);
    if (other !== undefined)
      throw new UserRefused(`database ${home} exists and ${text(other, 'user')} has rights on it: choose another name`);
  }

  lock(user: UserNames): Promise<void> {
    return this.#work(async (server) => {
      for (const name of namesOf(user)) {
        const kept = await accountIn(server, name);
        if (kept !== undefined && !kept.isLocked)
          await server.ask(this.#words.lock(accountOf(name), versionNumber(server.version)));
      }
      await this.#endSessions(namesOf(user));
    });
  }

  /** Replicas have the accounts and sessions of their own. */
  async #endSessions(names: readonly string[]): Promise<void> {
    const ends = this.#server.members.map(async (member) => {
      const one = new MemberConnection(member);
      try {
        await one.within(patience, ({ ask }) => endSessions(ask, (user) => names.includes(user)));
      } finally {
        one.close();
      }
    });
    for (const result of await Promise.allSettled(ends)) if (result.status === 'rejected') throw result.reason;
  }

  async drop({ home, ...user }: UserNames & { readonly home?: string }): Promise<DropReport> {
    await this.lock(user);
    return this.#work(async (server) => {
      const names: string[] = [];
      for (const name of namesOf(user)) if ((await accountIn(server, name)) !== undefined) names.push(name);
      if (home !== undefined && names.length > 0) await server.ask(`DROP DATABASE IF EXISTS ${identifier(home)}`);
      const defined = await definedBy(server, names);
      if (defined.length > 0) {
        const some = defined.slice(0, 5).join(', ');
        return {
          kept: `${user.name} is the definer of ${some}${defined.length > 5 ? ' and more' : ''}, which would stop working: it is locked and kept; give them another definer, then drop it`,
        };
      }
      for (const name of names) await server.ask(`DROP USER ${accountOf(name)}`);
      return {};
    });
  }

  close(): void {
    this.#primary.close();
  }
}

/** A superuser that the operator has not made is somebody else's, whatever a person wrote into an object. */
function assertOurs(name: string, kept: Account | undefined, { known }: WantedUser): void {
  if (kept?.isSuperuser === true && known !== true)
    throw new UserRefused(`account ${name} exists and is a superuser: choose another username`);
}

interface Account extends Kept {
  readonly isSuperuser: boolean;
  readonly isLocked: boolean;
  readonly limits: Readonly<Record<string, string>>;
}

async function accountIn({ ask }: Server, name: string): Promise<Account | undefined> {
  const [row] = await ask("SELECT * FROM mysql.user WHERE user = ? AND host = '%'", [name]);
  if (row === undefined) return undefined;
  const [made] = await ask(`SHOW CREATE USER ${accountOf(name)}`);
  const value = (column: string): string =>
    text(row, Object.keys(row).find((key) => key.toLowerCase() === column) ?? column);
  return {
    plugin: value('plugin'),
    secret: value('authentication_string'),
    isSuperuser: value('super_priv') === 'Y',
    // Quoted text, such as a name or a hash, is no clause.
    isLocked: / ACCOUNT LOCK\b/.test(
      String(Object.values(made ?? {})[0]).replace(/'(?:[^'\\]|''|\\.)*'|`(?:[^`]|``)*`/g, ''),
    ),
    limits: {
      MAX_USER_CONNECTIONS: value('max_user_connections'),
      MAX_STATEMENT_TIME: String(Number(value('max_statement_time'))),
    },
  };
}

async function showGrants({ ask }: Server, name: string): Promise<readonly string[]> {
  const rows = await ask(`SHOW GRANTS FOR ${accountOf(name)}`);
  return rows.map((row) => String(Object.values(row)[0]));
}

/** Views, routines, triggers and events run with the rights of whoever defined them. */
async function definedBy({ ask }: Server, names: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of names) {
    const rows = await ask(
      `SELECT CONCAT('view ', table_schema, '.', table_name) AS what FROM information_schema.views WHERE definer = ?
      UNION SELECT CONCAT(LOWER(routine_type), ' ', routine_schema, '.', routine_name) FROM information_schema.routines WHERE definer = ?
      UNION SELECT CONCAT('trigger ', trigger_schema, '.', trigger_name) FROM information_schema.triggers WHERE definer = ?
      UNION SELECT CONCAT('event ', event_schema, '.', event_name) FROM information_schema.events WHERE definer = ?`,
      Array.from({ length: 4 }, () => `${name}@%`),
    );
    found.push(...rows.map((row) => text(row, 'what')));
  }
  return found;
}

async function sizeOf({ ask }: Server, database: string): Promise<number> {
  const [row] = await ask(
    'SELECT COALESCE(SUM(data_length + index_length), 0) AS bytes FROM information_schema.tables WHERE table_schema = ?',
    [database],
  );
  return Number(text(row, 'bytes'));
}

export const mysqlFamilyUsers = (words: UserWords, scheme: string): UsersDriver => ({
  alternates: true,
  jdbcUri: ({ username, password, ...parts }) => {
    const uri = connectionUri(`jdbc:${scheme}`, { ...parts, username: '', password: '' }).replace('://:@', '://');
    return `${uri}?user=${encodePart(username)}&password=${encodePart(password)}`;
  },
  connect: (server, random) => new Users(server, words, random),
});
