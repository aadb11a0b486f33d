/** The roles of one user: attributes, passwords, memberships and settings, to statements. Pure but for fresh salts. */
import { isVerifierOf, scramVerifier } from '../scram.ts';
import { UserRefused, type UserNames, type WantedUser } from '../users.ts';
import { identifier, literal } from './quote.ts';
import type { Role } from './users-observe.ts';
import type { Statement } from './users-plan.ts';

export const namesOf = ({ name, alternate }: UserNames): readonly string[] =>
  alternate === undefined ? [name] : [name, alternate];

/** A superuser that the operator has not made is somebody else's, whatever a person wrote into an object. */
export function assertOurs(roles: readonly Role[]): void {
  const foreign = roles.find(
    ({ isSuperuser, canReplicate, bypassesRls }) => isSuperuser || canReplicate || bypassesRls,
  );
  if (foreign !== undefined)
    throw new UserRefused(
      `role ${foreign.name} exists and is a superuser, may replicate or passes row security: choose another username`,
    );
}

export interface Attributes {
  /** CREATEDB, and CREATEROLE where that does not make a superuser of it. */
  readonly admin: boolean;
  /** server_version_num */
  readonly version: number;
  readonly salt: () => Uint8Array;
}

/** CREATEROLE could hand out every role before. */
const safeCreateRole = 160000;

/** Makes the roles and gives them what they are; memberships come once it is known who owns the databases. */
export function planRoles(user: WantedUser, roles: readonly Role[], attributes: Attributes): readonly Statement[] {
  const used = new Set([user.name, user.login.name, ...(user.previous ? [user.previous.name] : [])]);
  return namesOf(user).flatMap((name) => {
    const role = roles.find((one) => one.name === name);
    if (role === undefined && !used.has(name)) return [];
    return planRole(name, role, user, attributes);
  });
}

function planRole(
  name: string,
  role: Role | undefined,
  user: WantedUser,
  { admin, version, salt }: Attributes,
): readonly Statement[] {
  const words = attributeWords(name, role, user, { admin: admin && name === user.name, version });
  const says = words.map((word) => word.toLowerCase());
  if (user.login.name === name && !isVerifierOf(role?.verifier ?? '', user.login.password)) {
    words.push(`PASSWORD ${literal(scramVerifier(user.login.password, salt()))}`);
    says.push('password');
  }
  if (role === undefined)
    return [{ sql: `CREATE ROLE ${identifier(name)} ${words.join(' ')}`, says: `role ${name} made` }];
  if (words.length === 0) return [];
  return [{ sql: `ALTER ROLE ${identifier(name)} ${words.join(' ')}`, says: `${name}: ${says.join(', ')}` }];
}

/** What a role is that has just been made. */
const blank: Omit<Role, 'name' | 'verifier' | 'memberOf' | 'settings' | 'canLogin' | 'inherits'> = {
  isSuperuser: false,
  canReplicate: false,
  bypassesRls: false,
  createsRoles: false,
  createsDatabases: false,
  connectionLimit: -1,
  validUntil: undefined,
};

function attributeWords(
  name: string,
  role: Role | undefined,
  user: WantedUser,
  { admin, version }: Omit<Attributes, 'salt'>,
): string[] {
  const is = role ?? blank;
  const mayLogIn = user.login.name === name || user.previous?.name === name;
  const wanted: readonly (readonly [string, boolean, boolean | undefined])[] = [
    ['LOGIN', mayLogIn, role?.canLogin],
    ['INHERIT', true, role?.inherits],
    ['CREATEDB', admin, is.createsDatabases],
    ['SUPERUSER', false, is.isSuperuser],
    ['REPLICATION', false, is.canReplicate],
    ['BYPASSRLS', false, is.bypassesRls],
    ['CREATEROLE', admin && version >= safeCreateRole, is.createsRoles],
  ];
  const words = wanted.flatMap(([word, yes, now]) => (yes === now ? [] : [yes ? word : `NO${word}`]));
  const limit = user.limits?.connections ?? -1;
  if (is.connectionLimit !== limit) words.push(`CONNECTION LIMIT ${limit}`);
  const until = user.expiresAt?.getTime();
  if (is.validUntil !== until) {
    words.push(`VALID UNTIL ${literal(until === undefined ? 'infinity' : new Date(until).toISOString())}`);
  }
  return words;
}

export interface Belonging {
  /** Roles that the user is a member of. */
  readonly memberOf: ReadonlySet<string>;
  /** By database: the role that it acts as, so that what it makes belongs to that one. */
  readonly actsAs: ReadonlyMap<string, string>;
  readonly version: number;
}

const timeoutSetting = 'statement_timeout';

export function planBelonging(user: WantedUser, roles: readonly Role[], belonging: Belonging): readonly Statement[] {
  return namesOf(user).flatMap((name) => {
    const role = roles.find((one) => one.name === name);
    if (role === undefined) return [];
    const memberOf = name === user.name ? belonging.memberOf : new Set([user.name]);
    return [...memberships(role, memberOf, belonging.version), ...settings(role, user, belonging)];
  });
}

function memberships(role: Role, wanted: ReadonlySet<string>, version: number): readonly Statement[] {
  const held = new Set(role.memberOf.filter(({ admin }) => !admin).map((one) => one.role));
  const to = identifier(role.name);
  const extra = role.memberOf.filter((one) => one.admin || !wanted.has(one.role));
  return [
    ...extra.map(({ role: other, grantor }) => ({
      // Since 16 each grant is its grantor's own.
      sql: `REVOKE ${identifier(other)} FROM ${to}${version >= 160000 ? ` GRANTED BY ${identifier(grantor)}` : ''} CASCADE`,
      says: `membership in ${other}`,
      takes: true as const,
    })),
    ...[...wanted]
      .filter((other) => !held.has(other))
      .map((other) => ({ sql: `GRANT ${identifier(other)} TO ${to}`, says: `membership in ${other}` })),
  ];
}

function settings(role: Role, user: WantedUser, { actsAs }: Belonging): readonly Statement[] {
  const wanted = new Map<string, string>([...actsAs].map(([database, owner]) => [`${database}\0role`, owner]));
  if (role.name !== user.name) wanted.set('\0role', user.name);
  const timeout = user.limits?.statementTimeoutMs;
  if (user.home !== undefined && timeout !== undefined) {
    wanted.set(`${user.home}\0${timeoutSetting}`, `${timeout}ms`);
  }
  const held = new Map<string, string>(
    Object.entries(role.settings).flatMap(([database, pairs]) =>
      pairs.map((pair) => {
        const equals = pair.indexOf('=');
        return [`${database}\0${pair.slice(0, equals)}`, pair.slice(equals + 1)] as const;
      }),
    ),
  );
  // Other settings are nobody's rights: whoever made them keeps them.
  const own = [...held.keys()].filter((key) => /\0(role|statement_timeout)$/.test(key));
  const keys = [
    ...new Set([...wanted.keys(), ...own.filter((key) => user.home !== undefined || key.endsWith('role'))]),
  ];
  return keys.flatMap((key) => {
    const value = wanted.get(key);
    if (held.get(key) === value) return [];
    const [database = '', setting = ''] = key.split('\0');
    const where = database === '' ? '' : ` IN DATABASE ${identifier(database)}`;
    const change = value === undefined ? `RESET ${setting}` : `SET ${setting} TO ${literal(value)}`;
    return [{ sql: `ALTER ROLE ${identifier(role.name)}${where} ${change}`, says: `${role.name}: ${setting}` }];
  });
}
