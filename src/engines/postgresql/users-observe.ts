/** What a server says of roles and of their rights in one database: read only, catalogue tables, fixed statements. */
import type { Connection, Row } from './connection.ts';

export interface Role {
  readonly name: string;
  readonly isSuperuser: boolean;
  readonly canReplicate: boolean;
  readonly bypassesRls: boolean;
  readonly inherits: boolean;
  readonly canLogin: boolean;
  readonly createsRoles: boolean;
  readonly createsDatabases: boolean;
  readonly connectionLimit: number;
  readonly verifier: string;
  /** Milliseconds since the epoch; undefined: for ever. */
  readonly validUntil: number | undefined;
  readonly memberOf: readonly { readonly role: string; readonly admin: boolean; readonly grantor: string }[];
  /** By database; '' means all of them. `name=value`. */
  readonly settings: Readonly<Record<string, readonly string[]>>;
}

export type Kind = 'database' | 'schema' | 'table' | 'column' | 'sequence' | 'function' | 'default' | 'other';

/** One right that one role has on one thing. */
export interface Acl {
  readonly grantee: string;
  readonly kind: Kind;
  /** `SELECT` */
  readonly right: string;
  readonly grantable: boolean;
  readonly grantor: string;
  /** Of the thing; whoever owns it has granted, unless somebody else was allowed to. */
  readonly owner: string;
  /** Absent for a database, and for defaults of all schemas. */
  readonly schema?: string;
  /** Table of a column; a function with its arguments, quoted; kind of object for defaults (`TABLES`). */
  readonly name?: string;
  readonly column?: string;
}

export interface Relation {
  readonly schema: string;
  readonly name: string;
  readonly kind: 'table' | 'sequence';
  readonly owner: string;
}

export interface DatabaseView {
  readonly database: string;
  readonly owner: string;
  readonly ownerIsSuperuser: boolean;
  readonly schemas: readonly { readonly name: string; readonly owner: string }[];
  readonly relations: readonly Relation[];
  /** Functions and procedures, with arguments, quoted. */
  readonly functions: readonly { readonly schema: string; readonly name: string; readonly owner: string }[];
  /** Before 11 there are no procedures, and no word for both. */
  readonly routine: 'ROUTINE' | 'FUNCTION';
  /** Roles that are no superusers and own something in it. */
  readonly creators: readonly string[];
  readonly acls: readonly Acl[];
}

const rolesStatement = `SELECT json_build_object(
  'name', a.rolname, 'isSuperuser', a.rolsuper, 'canReplicate', a.rolreplication, 'bypassesRls', a.rolbypassrls,
  'inherits', a.rolinherit, 'canLogin', a.rolcanlogin, 'createsRoles', a.rolcreaterole,
  'createsDatabases', a.rolcreatedb, 'connectionLimit', a.rolconnlimit, 'verifier', coalesce(a.rolpassword, ''),
  'validUntil', CASE WHEN isfinite(a.rolvaliduntil) THEN floor(extract(epoch FROM a.rolvaliduntil) * 1000) END,
  'memberOf', coalesce((SELECT json_agg(json_build_object('role', pg_get_userbyid(m.roleid), 'admin', m.admin_option,
    'grantor', pg_get_userbyid(m.grantor)) ORDER BY 1) FROM pg_auth_members m WHERE m.member = a.oid), '[]'),
  'settings', coalesce((SELECT json_object_agg(coalesce(d.datname, ''), s.setconfig) FROM pg_db_role_setting s
    LEFT JOIN pg_database d ON d.oid = s.setdatabase WHERE s.setrole = a.oid), '{}')
) AS role FROM pg_authid a WHERE a.rolname = ANY ($1::text[])`;

/** An array as text, for a parameter. */
export const textArray = (values: readonly string[]): string =>
  `{${values.map((value) => `"${value.replace(/[\\"]/g, '\\$&')}"`).join(',')}}`;

export async function readRoles(server: Connection, names: readonly string[]): Promise<readonly Role[]> {
  const rows = await server.ask(rolesStatement, [textArray(names)]);
  return rows.map(({ role }) => {
    const { validUntil, ...rest } = role as Omit<Role, 'validUntil'> & { readonly validUntil: number | null };
    return { ...rest, validUntil: validUntil ?? undefined };
  });
}

/** Databases in which one of the roles has rights or owns something, beside rights on a database itself. */
const elsewhereStatement = `SELECT DISTINCT d.datname AS database FROM pg_shdepend s
  JOIN pg_database d ON d.oid = s.dbid AND d.datallowconn
  JOIN pg_authid a ON a.oid = s.refobjid
  WHERE s.refclassid = 'pg_authid'::regclass AND a.rolname = ANY ($1::text[]) AND s.deptype = ANY ($2::text[])
  ORDER BY 1`;

/** `deptypes`: `a` rights, `o` ownership (as in pg_shdepend). */
export async function databasesOf(
  server: Connection,
  names: readonly string[],
  deptypes: readonly ('a' | 'o')[],
): Promise<readonly string[]> {
  const rows = await server.ask(elsewhereStatement, [textArray(names), textArray(deptypes)]);
  return rows.map(textOf('database'));
}

export async function databaseNames(server: Connection): Promise<readonly string[]> {
  return (await server.ask('SELECT datname FROM pg_database WHERE datallowconn ORDER BY 1')).map(textOf('datname'));
}

const textOf =
  (column: string) =>
  (row: Row): string =>
    String(row[column]);

const acl = (kind: string, from: string, list: string, owner: string, fields: string): string =>
  `SELECT ${kind} AS kind, a.privilege_type AS right, a.is_grantable AS grantable, a.grantee, a.grantor,
  ${owner} AS owner, ${fields} FROM ${from}, aclexplode(${list}) a`;

const userSchema = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'";
const relationKind = `CASE c.relkind WHEN 'S' THEN 'sequence' ELSE 'table' END`;
const relations = 'pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace';
const other = (type: string, name: string): string => `NULL, '${type} ' || ${name}, NULL`;

const all = [
  acl(
    `'database'`,
    'pg_database d',
    'd.datacl',
    'd.datdba',
    'NULL::text AS schema, d.datname::text AS name, NULL::text AS "column"',
  ),
  acl(`'schema'`, 'pg_namespace n', 'n.nspacl', 'n.nspowner', 'n.nspname, NULL, NULL'),
  acl(relationKind, relations, 'c.relacl', 'c.relowner', 'n.nspname, c.relname, NULL') +
    ` WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')`,
  acl(
    `'column'`,
    `pg_attribute t JOIN ${relations.replace('pg_class c', 'pg_class c ON c.oid = t.attrelid')}`,
    't.attacl',
    'c.relowner',
    'n.nspname, c.relname, t.attname',
  ),
  acl(
    `'function'`,
    'pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace',
    'p.proacl',
    'p.proowner',
    'n.nspname, p.oid::regprocedure::text, NULL',
  ),
  acl(
    `'default'`,
    'pg_default_acl f LEFT JOIN pg_namespace n ON n.oid = f.defaclnamespace',
    'f.defaclacl',
    'f.defaclrole',
    `n.nspname, CASE f.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS'
    WHEN 'T' THEN 'TYPES' ELSE 'SCHEMAS' END, NULL`,
  ),
  acl(`'other'`, 'pg_type y', 'y.typacl', 'y.typowner', other('TYPE', 'y.oid::regtype::text')),
  acl(`'other'`, 'pg_language l', 'l.lanacl', 'l.lanowner', other('LANGUAGE', 'quote_ident(l.lanname)')),
  acl(
    `'other'`,
    'pg_foreign_data_wrapper w',
    'w.fdwacl',
    'w.fdwowner',
    other('FOREIGN DATA WRAPPER', 'quote_ident(w.fdwname)'),
  ),
  acl(`'other'`, 'pg_foreign_server v', 'v.srvacl', 'v.srvowner', other('FOREIGN SERVER', 'quote_ident(v.srvname)')),
  acl(`'other'`, 'pg_largeobject_metadata o', 'o.lomacl', 'o.lomowner', other('LARGE OBJECT', 'o.oid::text')),
].join('\nUNION ALL ');

/** The owner's own rights stand in such lists too, and are not granted to it. */
const aclStatement = `SELECT x.kind, x.right, x.grantable, a.rolname AS grantee, pg_get_userbyid(x.grantor) AS grantor,
  pg_get_userbyid(x.owner) AS owner, x.schema, x.name, x."column"
  FROM (${all}) x JOIN pg_authid a ON a.oid = x.grantee WHERE a.rolname = ANY ($1::text[]) AND x.owner <> x.grantee`;

const relationsStatement = `SELECT n.nspname AS schema, c.relname AS name,
  CASE c.relkind WHEN 'S' THEN 'sequence' ELSE 'table' END AS kind, pg_get_userbyid(c.relowner) AS owner
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND c.relpersistence <> 't' AND ${userSchema}`;

const schemasStatement = `SELECT n.nspname AS name, pg_get_userbyid(n.nspowner) AS owner FROM pg_namespace n WHERE ${userSchema}`;

const functionsStatement = `SELECT n.nspname AS schema, p.oid::regprocedure::text AS name,
  pg_get_userbyid(p.proowner) AS owner FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE ${userSchema}`;

const creatorsStatement = `SELECT a.rolname AS role FROM pg_authid a WHERE NOT a.rolsuper AND a.rolname !~ '^pg_' AND a.oid IN (
  SELECT n.nspowner FROM pg_namespace n WHERE ${userSchema}
  UNION SELECT c.relowner FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${userSchema}
  UNION SELECT d.datdba FROM pg_database d WHERE d.datname = current_database()) ORDER BY 1`;

/** Of the database that `server` is connected to. `milliseconds` for each of the questions. */
export async function readDatabase(
  server: Connection,
  roles: readonly string[],
  milliseconds: number,
): Promise<DatabaseView> {
  const ask = (statement: string, values: readonly string[] = []): Promise<readonly Row[]> =>
    server.ask(statement, values, milliseconds);
  const [own] = await ask(`SELECT d.datname AS name, a.rolname AS owner, a.rolsuper AS super FROM pg_database d
    JOIN pg_authid a ON a.oid = d.datdba WHERE d.datname = current_database()`);
  const acls = await ask(aclStatement, [textArray(roles)]);
  return {
    database: String(own?.['name']),
    owner: String(own?.['owner']),
    ownerIsSuperuser: own?.['super'] === true,
    schemas: (await ask(schemasStatement)) as unknown as DatabaseView['schemas'],
    relations: (await ask(relationsStatement)) as unknown as readonly Relation[],
    functions: (await ask(functionsStatement)) as unknown as DatabaseView['functions'],
    routine: (await server.version()) >= 110000 ? 'ROUTINE' : 'FUNCTION',
    creators: (await ask(creatorsStatement)).map(textOf('role')),
    acls: acls.map((row) => aclOf(row)),
  };
}

const aclOf = ({ schema, name, column, ...rest }: Row): Acl => ({
  ...(rest as unknown as Acl),
  ...(typeof schema === 'string' && { schema }),
  ...(typeof name === 'string' && { name }),
  ...(typeof column === 'string' && { column }),
});
