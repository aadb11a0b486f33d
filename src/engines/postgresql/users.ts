/** Makes users true in PostgreSQL: reads, plans (users-roles.ts, users-plan.ts), and says what is left to be said. */
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
import { connectionUri, encodePart } from '../uri.ts';
import { connection, type Connection } from './connection.ts';
import { monitorRole, replicationRole } from './paths.ts';
import { identifier } from './quote.ts';
import { databaseNames, databasesOf, readDatabase, readRoles, textArray, type DatabaseView } from './users-observe.ts';
import { planRights, type Statement } from './users-plan.ts';
import { assertOurs, namesOf, planBelonging, planRoles } from './users-roles.ts';
import { noRights, rightsByDatabase, type DatabaseRights } from './users-rights.ts';

/** Milliseconds: a schema may hold thousands of tables, and making a database copies files. */
const patience = 20_000;

/** Every server has it. */
const common = 'postgres';

export type Open = (server: UsersServer, database: string) => Connection;

class Users implements UsersClient {
  readonly #server: UsersServer;
  readonly #random: (count: number) => Uint8Array;
  readonly #open: Open;
  readonly #connections = new Map<string, Connection>();

  constructor(server: UsersServer, random: (count: number) => Uint8Array, open: Open) {
    this.#server = server;
    this.#random = random;
    this.#open = open;
  }

  /** To the primary. */
  #in(database: string): Connection {
    const known = this.#connections.get(database);
    if (known !== undefined) return known;
    const fresh = this.#open(this.#server, database);
    this.#connections.set(database, fresh);
    return fresh;
  }

  /** Whoever stays in a database keeps it from being copied and dropped. */
  #leave(database: string): void {
    if (database === common) return;
    this.#connections.get(database)?.close();
    this.#connections.delete(database);
  }

  async #base(): Promise<Connection> {
    const server = this.#in(common);
    const [row] = await server.ask('SELECT pg_is_in_recovery() AS standby');
    if (row?.['standby'] === true) throw new Error(`${this.#server.primary.pod} takes no writes now`);
    return server;
  }

  async ensure(user: WantedUser): Promise<UserReport> {
    const server = await this.#base();
    const version = await server.version();
    const names = namesOf(user);
    const { application } = this.#server;
    const byDatabase = rightsByDatabase(user.privileges, application.database, version);
    const admin = [...byDatabase.values()].some((rights) => rights.admin);
    const before = await readRoles(server, names);
    if (user.known !== true) assertOurs(before);
    const done: Statement[] = [];
    const salt = (): Uint8Array => this.#random(16);
    await say(server, planRoles(user, before, { admin, version, salt }), done);
    if (user.home !== undefined) await this.#house(server, user.name, user.home, done);
    const existing = new Set(await databaseNames(server));
    const missing = [...byDatabase.keys()].filter((name) => !existing.has(name)).map((name) => `database ${name}`);
    const wanted = [...byDatabase.keys()].filter((name) => existing.has(name));
    const elsewhere = await databasesOf(server, names, ['a']);
    const memberOf = new Set(admin ? administrators(version) : []);
    const actsAs = new Map<string, string>();
    const unsupported: string[] = [];
    for (const database of new Set([...wanted, ...elsewhere, application.database])) {
      const rights = byDatabase.get(database) ?? noRights;
      const view = await readDatabase(this.#in(database), names, patience);
      if (rights.owner && view.ownerIsSuperuser)
        unsupported.push(`owner of database ${database}, which is the server's`);
      else if (rights.owner && view.owner !== user.name) {
        memberOf.add(view.owner);
        if (!rights.admin) actsAs.set(database, view.owner);
      }
      missing.push(...(await this.#rights(names, rights, ofThis(view, byDatabase), done)));
      this.#leave(database);
    }
    const roles = await readRoles(server, names);
    await say(server, planBelonging(user, roles, { memberOf, actsAs, version }), done);
    const size = user.home === undefined ? undefined : await sizeOf(server, user.home);
    return {
      ...noReport,
      changes: done.filter(({ takes }) => takes !== true).map(({ says }) => says),
      revoked: done.filter(({ takes }) => takes === true).map(({ says }) => says),
      missing,
      unsupported,
      ...(size !== undefined && { size }),
    };
  }

  async #rights(
    names: readonly string[],
    rights: DatabaseRights,
    view: DatabaseView,
    done: Statement[],
  ): Promise<readonly string[]> {
    const { statements, missing } = planRights(names, rights, view);
    if (statements.length > 0) await sayAtOnce(this.#in(view.database), statements, done);
    return missing.map((what) => `${what} in database ${view.database}`);
  }

  /** A database of its own; the server's common ones are closed to everybody who has no business there. */
  async #house(server: Connection, owner: string, home: string, done: Statement[]): Promise<void> {
    const ask = (sql: string): Promise<unknown> => server.ask(sql, [], patience);
    const ownerOf = async (): Promise<unknown> =>
      (await server.ask('SELECT pg_get_userbyid(datdba) AS owner FROM pg_database WHERE datname = $1', [home]))[0]?.[
        'owner'
      ];
    if ((await ownerOf()) === undefined) {
      // Nobody is ever connected to template0, which would be in the way.
      await ask(`CREATE DATABASE ${identifier(home)} OWNER ${identifier(owner)} TEMPLATE template0`);
      done.push({ sql: '', says: `database ${home} made` });
    }
    const found = await ownerOf();
    if (found !== owner)
      throw new UserRefused(`database ${home} exists and belongs to ${String(found)}: choose another name`);
    for (const database of [home, common, 'template1']) {
      if (!(await isOpen(server, database))) continue;
      if (database === common) {
        await ask(`GRANT CONNECT ON DATABASE ${common} TO ${identifier(monitorRole)}, ${identifier(replicationRole)}`);
      }
      await ask(`REVOKE ALL ON DATABASE ${identifier(database)} FROM PUBLIC`);
      done.push({ sql: '', says: `database ${database} closed to everybody else` });
    }
    const inside = this.#in(home);
    const [row] = await inside.ask(
      "SELECT pg_get_userbyid(nspowner) AS owner FROM pg_namespace WHERE nspname = 'public'",
    );
    if (row !== undefined && row['owner'] !== owner) {
      await inside.ask(`ALTER SCHEMA public OWNER TO ${identifier(owner)}`);
      await inside.ask('REVOKE CREATE ON SCHEMA public FROM PUBLIC');
    }
    this.#leave(home);
  }

  async lock(user: UserNames): Promise<void> {
    const server = await this.#base();
    const roles = await readRoles(server, namesOf(user));
    for (const role of roles) {
      if (role.canLogin) await server.ask(`ALTER ROLE ${identifier(role.name)} NOLOGIN`);
    }
    await this.#endSessions(namesOf(user));
  }

  /** On standbys as well; one that does not answer takes nobody else's end away. */
  async #endSessions(names: readonly string[]): Promise<void> {
    const ends = this.#server.members.map(async (member) => {
      const one = this.#open({ ...this.#server, primary: member }, common);
      try {
        await one.ask('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = ANY ($1::text[])', [
          textArray(names),
        ]);
      } finally {
        one.close();
      }
    });
    for (const result of await Promise.allSettled(ends)) if (result.status === 'rejected') throw result.reason;
  }

  async drop({ home, ...user }: UserNames & { readonly home?: string }): Promise<DropReport> {
    const server = await this.#base();
    const roles = await readRoles(server, namesOf(user));
    if (roles.length === 0) return {};
    await this.lock(user);
    const names = roles.map(({ name }) => name);
    const all = names.map(identifier).join(', ');
    const { application } = this.#server;
    const owned = await server.ask(
      'SELECT datname AS name FROM pg_database WHERE pg_get_userbyid(datdba) = ANY ($1::text[])',
      [textArray(names)],
    );
    for (const name of owned.map((row) => String(row['name']))) {
      const sql =
        name === home
          ? `DROP DATABASE ${identifier(name)}`
          : `ALTER DATABASE ${identifier(name)} OWNER TO ${identifier(application.user)}`;
      if (name === home) await server.ask(endSessionsOf, [name]);
      await server.ask(sql, [], patience);
    }
    for (const database of await databasesOf(server, names, ['a', 'o'])) {
      const inside = this.#in(database);
      const [row] = await inside.ask(heirStatement);
      const heir = row === undefined ? application.user : String(row['owner']);
      await inside.ask(`REASSIGN OWNED BY ${all} TO ${identifier(heir)}`, [], patience);
      await inside.ask(`DROP OWNED BY ${all}`, [], patience);
      this.#leave(database);
    }
    // What is left are rights on databases, which every connection sees.
    await server.ask(`DROP OWNED BY ${all}`, [], patience);
    for (const name of [...names].reverse()) await server.ask(`DROP ROLE IF EXISTS ${identifier(name)}`);
    return {};
  }

  close(): void {
    for (const one of this.#connections.values()) one.close();
    this.#connections.clear();
  }
}

/** Nobody inherits what a superuser would then run. */
const heirStatement = `SELECT a.rolname AS owner FROM pg_database d JOIN pg_authid a ON a.oid = d.datdba
  WHERE d.datname = current_database() AND NOT a.rolsuper`;
const endSessionsOf =
  'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()';

/** Roles of the server's own that watch and mend without reading anybody's data. */
function administrators(version: number): readonly string[] {
  return [
    'pg_monitor',
    'pg_signal_backend',
    ...(version >= 150000 ? ['pg_checkpoint'] : []),
    ...(version >= 170000 ? ['pg_maintain'] : []),
  ];
}

/** Rights on a database itself are seen from each of them; they are judged where they belong, or where nothing is wanted. */
const ofThis = (view: DatabaseView, wanted: ReadonlyMap<string, DatabaseRights>): DatabaseView => ({
  ...view,
  acls: view.acls.filter(({ kind, name = '' }) => kind !== 'database' || name === view.database || !wanted.has(name)),
});

const isOpen = async (server: Connection, database: string): Promise<boolean> => {
  const [row] = await server.ask(
    `SELECT 1 AS yes FROM pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
      WHERE d.datname = $1 AND a.grantee = 0`,
    [database],
  );
  return row !== undefined;
};

async function sizeOf(server: Connection, database: string): Promise<number | undefined> {
  const [row] = await server.ask('SELECT pg_database_size($1::name)::text AS bytes', [database], patience);
  return row === undefined ? undefined : Number(row['bytes']);
}

async function say(server: Connection, statements: readonly Statement[], done: Statement[]): Promise<void> {
  for (const statement of statements) {
    await server.ask(statement.sql, [], patience);
    done.push(statement);
  }
}

/** All or nothing: who reads at the same time never sees half of the rights. */
async function sayAtOnce(server: Connection, statements: readonly Statement[], done: Statement[]): Promise<void> {
  await server.ask('BEGIN');
  try {
    for (const { sql, as } of statements) {
      if (as !== undefined) await server.ask(`SET LOCAL ROLE ${identifier(as)}`);
      await server.ask(sql, [], patience);
      if (as !== undefined) await server.ask('RESET ROLE');
    }
    await server.ask('COMMIT');
  } catch (error) {
    await server.ask('ROLLBACK').catch(() => undefined);
    throw error;
  }
  done.push(...statements);
}

const openSilently: Open = ({ primary }, database) => connection(primary, { database, silent: true });

export const postgresqlUsers = (open: Open = openSilently): UsersDriver => ({
  alternates: true,
  jdbcUri: ({ username, password, ...parts }) => {
    const uri = connectionUri('jdbc:postgresql', { ...parts, username: '', password: '' }).replace('://:@', '://');
    return `${uri}?user=${encodePart(username)}&password=${encodePart(password)}`;
  },
  connect: (server, randomBytes) => new Users(server, randomBytes, open),
});
