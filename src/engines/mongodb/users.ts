/**
 * Makes users true in MongoDB. They live in the database `admin`. The server takes a password only as it is, so here it
 * goes over the connection; whether it is right already is told from what the server keeps of it.
 */
import type { Document } from 'mongodb';
import type { Privilege } from '../../api/types.generated.ts';
import type { MemberAddress } from '../engine.ts';
import { scramKeys } from '../scram.ts';
import {
  noReport,
  type DropReport,
  type UserNames,
  type UserReport,
  type UsersClient,
  type UsersDriver,
  type UsersServer,
  type WantedUser,
} from '../users.ts';
import { connection, type Connection } from './topology.ts';

interface RoleOf {
  readonly role: string;
  readonly db: string;
}

const presets = { readonly: 'read', readwrite: 'readWrite', owner: 'dbOwner', admin: 'dbOwner' } as const;

/** Holds what a user is granted by name: such rights exist in roles only. */
export const ownRole = (name: string): string => `database_operator_user_${name}`;

export interface WantedRights {
  readonly roles: readonly RoleOf[];
  /** Of the user's own role; empty: it needs none. */
  readonly privileges: readonly {
    readonly resource: { db: string; collection: string };
    readonly actions: readonly string[];
  }[];
}

export function rightsOf(
  privileges: readonly Privilege[],
  fallback: string,
  { name, home }: Pick<WantedUser, 'name' | 'home'>,
): WantedRights {
  const roles: RoleOf[] = home === undefined ? [] : [{ role: 'dbOwner', db: home }];
  const own: WantedRights['privileges'][number][] = [];
  for (const { preset, grant = [], database = fallback, collection = '' } of privileges) {
    if (preset === undefined) {
      const actions = grant.map((right) => (right.toUpperCase() === 'ALL' ? 'anyAction' : right)).sort();
      own.push({ resource: { db: database, collection }, actions });
      continue;
    }
    roles.push({ role: presets[preset], db: database });
    if (preset === 'admin') roles.push({ role: 'clusterMonitor', db: 'admin' });
  }
  if (own.length > 0) roles.push({ role: ownRole(name), db: 'admin' });
  const once = new Map(roles.map((one) => [`${one.db}\0${one.role}`, one]));
  return { roles: [...once.values()], privileges: own };
}

const keyOf = (value: unknown): string => JSON.stringify(value);
const rolesKey = (roles: readonly RoleOf[]): string =>
  roles
    .map(({ role, db }) => `${db}\0${role}`)
    .toSorted()
    .join('\n');
const privilegesKey = (all: readonly Document[]): string =>
  all
    .map((one) => {
      const { db, collection } = one['resource'] as { db: string; collection: string };
      return keyOf([db, collection, [...(one['actions'] as readonly string[])].sort()]);
    })
    .sort()
    .join('\n');

/** From `credentials` of usersInfo. */
export function isPasswordOf(user: Document, password: string): boolean {
  const kept = (user['credentials'] as Document | undefined)?.['SCRAM-SHA-256'] as
    { iterationCount: number; salt: string; storedKey: string } | undefined;
  if (kept === undefined || !(kept.iterationCount >= 1 && kept.iterationCount <= 100_000)) return false;
  const { storedKey } = scramKeys(password, Buffer.from(kept.salt, 'base64'), kept.iterationCount);
  return storedKey.toString('base64') === kept.storedKey;
}

const namesOf = ({ name, alternate }: UserNames): readonly string[] =>
  alternate === undefined ? [name] : [name, alternate];

class Users implements UsersClient {
  readonly #server: UsersServer;
  readonly #random: (count: number) => Uint8Array;
  readonly #connection: Connection;

  constructor(
    server: UsersServer,
    random: (count: number) => Uint8Array,
    open: (address: MemberAddress) => Connection,
  ) {
    this.#server = server;
    this.#random = random;
    this.#connection = open(server.primary);
  }

  async #find(name: string): Promise<Document | undefined> {
    const reply = await this.#connection.run({ usersInfo: { user: name, db: 'admin' }, showCredentials: true });
    return (reply['users'] as readonly Document[])[0];
  }

  async ensure(user: WantedUser): Promise<UserReport> {
    const { run } = this.#connection;
    const rights = rightsOf(user.privileges, this.#server.application.database, user);
    const changes = [...(await this.#role(user.name, rights))];
    const revoked: string[] = [];
    const used = new Set([user.name, user.login.name, ...(user.previous === undefined ? [] : [user.previous.name])]);
    for (const name of namesOf(user)) {
      const found = await this.#find(name);
      if (found === undefined && !used.has(name)) continue;
      const done = await this.#login(name, found, user, rights);
      changes.push(...done.changes);
      revoked.push(...done.revoked);
    }
    const stats = user.home === undefined ? undefined : await run({ dbStats: 1 }, user.home);
    return {
      ...noReport,
      changes,
      revoked,
      unsupported: unsupportedOf(user),
      ...(stats !== undefined && { size: Number(stats['dataSize']) }),
    };
  }

  async #login(
    name: string,
    found: Document | undefined,
    user: WantedUser,
    rights: WantedRights,
  ): Promise<Pick<UserReport, 'changes' | 'revoked'>> {
    const { run } = this.#connection;
    const isCurrent = user.login.name === name;
    const roles = isCurrent || user.previous?.name === name ? rights.roles : [];
    const password = isCurrent ? user.login.password : this.#noPassword();
    if (found === undefined) {
      await run({ createUser: name, pwd: password, roles, mechanisms: ['SCRAM-SHA-256'] });
      return { changes: [`user ${name} made`], revoked: [] };
    }
    const held = found['roles'] as readonly RoleOf[];
    const right = !isCurrent || isPasswordOf(found, password);
    if (rolesKey(held) === rolesKey(roles) && right) return noReport;
    await run({ updateUser: name, roles, ...(right ? {} : { pwd: password, mechanisms: ['SCRAM-SHA-256'] }) });
    const wanted = new Set(roles.map(keyOfRole));
    const extra = held.filter((one) => !wanted.has(keyOfRole(one)));
    return { changes: [`user ${name} put right`], revoked: extra.map(({ role, db }) => `${role} on ${db}`) };
  }

  async #role(name: string, { privileges }: WantedRights): Promise<readonly string[]> {
    const { run } = this.#connection;
    const role = ownRole(name);
    const reply = await run({ rolesInfo: { role, db: 'admin' }, showPrivileges: true });
    const found = (reply['roles'] as readonly Document[])[0];
    if (privileges.length === 0) {
      if (found === undefined) return [];
      await run({ dropRole: role });
      return [`role ${role} dropped`];
    }
    const rest = { privileges, roles: [] };
    if (found === undefined) await run({ createRole: role, ...rest });
    else if (privilegesKey((found['privileges'] ?? []) as readonly Document[]) === privilegesKey(privileges)) return [];
    else await run({ updateRole: role, ...rest });
    return [`role ${role}`];
  }

  #noPassword(): string {
    return Buffer.from(this.#random(24)).toString('base64url');
  }

  async lock(user: UserNames): Promise<void> {
    for (const name of namesOf(user)) {
      if ((await this.#find(name)) === undefined) continue;
      await this.#connection.run({ updateUser: name, roles: [], pwd: this.#noPassword() });
      await this.#connection.run({ killAllSessions: [{ user: name, db: 'admin' }] });
    }
  }

  async drop({ home, ...user }: UserNames & { readonly home?: string }): Promise<DropReport> {
    await this.lock(user);
    if (home !== undefined) await this.#connection.run({ dropDatabase: 1 }, home);
    for (const name of namesOf(user)) {
      if ((await this.#find(name)) !== undefined) await this.#connection.run({ dropUser: name });
    }
    await this.#role(user.name, { roles: [], privileges: [] });
    return {};
  }

  close(): void {
    this.#connection.close();
  }
}

function unsupportedOf({ limits: { connections, statementTimeoutMs = 0 } = {} }: WantedUser): readonly string[] {
  return [
    ...(connections === undefined ? [] : ['connectionLimit: MongoDB has none for a user']),
    ...(statementTimeoutMs === 0 ? [] : ['statementTimeout: MongoDB has none for a user']),
  ];
}

const keyOfRole = ({ role, db }: RoleOf): string => `${db}\0${role}`;

export const mongodbUsers = (open: (address: MemberAddress) => Connection = connection): UsersDriver => ({
  alternates: true,
  uriOptions: '?authSource=admin',
  connect: (server, random) => new Users(server, random, open),
});
