/** From what SHOW GRANTS says and what privileges ask for to statements; none where nothing differs. Pure. */
import type { Privilege } from '../../api/types.generated.ts';

/** `` `name` `` */
export function identifier(name: string): string {
  if (name === '' || name.includes('\0')) throw new Error('a name is empty or holds a NUL');
  return `\`${name.replaceAll('`', '``')}\``;
}

/** Under the session's empty sql_mode, where a backslash escapes. */
export function literal(text: string): string {
  if (text.includes('\0')) throw new Error('a text holds a NUL');
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

export const accountOf = (name: string): string => `${literal(name)}@'%'`;

/** In a grant on a whole database its name is a pattern. */
const asPattern = (database: string): string => database.replace(/[\\_%]/g, '\\$&');
export const onDatabase = (database: string): string => `${identifier(asPattern(database))}.*`;
const onTable = (database: string, table: string): string => `${identifier(database)}.${identifier(table)}`;

export const all = 'ALL PRIVILEGES';
/** What it stands for; both engines write all of them together as `all`. */
const wholeTable = [
  'SELECT',
  'INSERT',
  'UPDATE',
  'DELETE',
  'CREATE',
  'DROP',
  'REFERENCES',
  'INDEX',
  'ALTER',
  'CREATE VIEW',
  'SHOW VIEW',
  'TRIGGER',
];
const wholeDatabase = [
  ...wholeTable,
  ...['CREATE TEMPORARY TABLES', 'LOCK TABLES', 'EXECUTE', 'CREATE ROUTINE', 'ALTER ROUTINE', 'EVENT'],
];

const presets = {
  readonly: ['SELECT', 'SHOW VIEW'],
  readwrite: ['SELECT', 'SHOW VIEW', 'INSERT', 'UPDATE', 'DELETE', 'EXECUTE', 'CREATE TEMPORARY TABLES', 'LOCK TABLES'],
  owner: [all],
  admin: [all],
} as const;
/** Watching the server; nothing that makes a superuser. */
const administrator = ['PROCESS', 'RELOAD', 'SHOW DATABASES'];

/** Rights by what they are on, as statements write it: `*.*`, `` `shop`.* ``, `` `shop`.`orders` ``. */
export type Rights = ReadonlyMap<string, ReadonlySet<string>>;

export function rightsOf(privileges: readonly Privilege[], fallback: string, home: string | undefined): Rights {
  const rights = new Map<string, Set<string>>();
  const add = (target: string, names: readonly string[]): void => {
    const before = rights.get(target) ?? new Set();
    for (const name of names) before.add(name === 'ALL' ? all : name);
    rights.set(target, before.has(all) ? new Set([all]) : before);
  };
  for (const { preset, grant = [], database = fallback, table } of privileges) {
    const target = table === undefined ? onDatabase(database) : onTable(database, table);
    if (preset !== undefined) add(target, presets[preset]);
    else
      add(
        target,
        grant.map((right) => right.toUpperCase()),
      );
    if (preset === 'admin') add('*.*', administrator);
  }
  if (home !== undefined) add(onDatabase(home), [all]);
  return rights;
}

export interface Grant {
  /** As `Rights` has it; with `PROCEDURE ` and the like before it. */
  readonly target: string;
  readonly rights: readonly string[];
  readonly mayGrant: boolean;
}

export interface Grants {
  readonly grants: readonly Grant[];
  /** Roles and proxies, as a REVOKE names them. */
  readonly others: readonly string[];
}

const name = '`(?:[^`]|``)*`';
const account = `(?:${name}|'(?:[^'\\\\]|''|\\\\.)*')(?:@(?:${name}|'(?:[^'\\\\]|''|\\\\.)*'))?`;
const line = new RegExp(
  `^GRANT ((?:[A-Z_ ,]|\\((?:${name}|[, ])*\\))+?) ON (?:(PROCEDURE|FUNCTION|PACKAGE|PACKAGE BODY) )?(\\*|${name})\\.(\\*|${name}) TO (?:${account})(.*)$`,
  's',
);
const role = new RegExp(`^GRANT ((?:${account}(?:, ?)?)+) TO `, 's');
const proxy = new RegExp(`^GRANT (PROXY ON ${account}) TO `, 's');

/** Throws on a line that it does not know: what is not understood is not judged. */
export function parseGrants(lines: readonly string[]): Grants {
  const grants: Grant[] = [];
  const others: string[] = [];
  for (const text of lines) {
    const match = line.exec(text);
    if (match !== null) {
      const [, rights = '', kind, database = '', table = '', rest = ''] = match;
      grants.push({
        target: `${kind === undefined ? '' : `${kind} `}${database}.${table}`,
        rights: splitRights(rights).filter((right) => right !== 'USAGE'),
        mayGrant: /\bGRANT OPTION\b/.test(rest),
      });
      continue;
    }
    const other = proxy.exec(text)?.[1] ?? role.exec(text)?.[1];
    if (other !== undefined) others.push(other);
    // Whom a role becomes at the log-in; and what a right on everything does not reach.
    else if (!/^(SET DEFAULT ROLE|REVOKE) /.test(text))
      throw new Error('SHOW GRANTS has a line that is not understood');
  }
  return { grants, others };
}

/** At commas outside of a list of columns. */
const splitRights = (text: string): readonly string[] =>
  text
    .split(/,\s*(?![^(]*\))/)
    .map((right) => right.trim())
    .filter((right) => right !== '');

export interface GrantStatement {
  readonly sql: string;
  readonly says: string;
  readonly takes?: true;
}

/** `target` without what only the server's syntax needs. */
const spoken = (target: string): string => target.replaceAll('\\', '').replaceAll('`', '');

export function planGrants(username: string, wanted: Rights, { grants, others }: Grants): readonly GrantStatement[] {
  const to = accountOf(username);
  const held = new Map<string, Set<string>>();
  for (const { target, rights } of grants) held.set(target, new Set([...(held.get(target) ?? []), ...rights]));
  const given = [...wanted].flatMap(([target, rights]) => {
    const absent = lacking(target, rights, held.get(target) ?? new Set());
    if (absent.length === 0) return [];
    const what = absent.join(', ');
    return [{ sql: `GRANT ${what} ON ${target} TO ${to}`, says: `${what} on ${spoken(target)} for ${username}` }];
  });
  const taken = [...held].flatMap(([target, rights]) => {
    const extra = surplus(target, wanted.get(target) ?? new Set(), rights);
    return extra.length === 0 ? [] : [revoke(extra.join(', '), `ON ${target}`, spoken(target), username)];
  });
  const handedOn = grants
    .filter(({ mayGrant }) => mayGrant)
    .map(({ target }) => revoke('GRANT OPTION', `ON ${target}`, spoken(target), username));
  const belonging = others.map((other) => revoke(other, '', '', username));
  return [...handedOn, ...belonging, ...taken, ...given];
}

const revoke = (what: string, on: string, where: string, username: string): GrantStatement => ({
  sql: `REVOKE ${what}${on === '' ? '' : ` ${on}`} FROM ${accountOf(username)}`,
  says: `${what}${where === '' ? '' : ` on ${where}`} from ${username}`,
  takes: true,
});

const wholeOf = (target: string): readonly string[] => (target.endsWith('.*') ? wholeDatabase : wholeTable);

function lacking(target: string, wanted: ReadonlySet<string>, held: ReadonlySet<string>): readonly string[] {
  if (held.has(all)) return [];
  if (wanted.has(all)) return [all];
  return [...wanted].filter((right) => !held.has(right) && !wholeOf(target).every((one) => held.has(one)));
}

function surplus(target: string, wanted: ReadonlySet<string>, held: ReadonlySet<string>): readonly string[] {
  if (wanted.has(all)) return [];
  if (!held.has(all)) return [...held].filter((right) => !wanted.has(right));
  // On the whole server it stands for more than is known here.
  if (target === '*.*' || wanted.size === 0) return [all];
  return wholeOf(target).filter((right) => !wanted.has(right));
}
