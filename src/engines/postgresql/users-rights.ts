/**
 * What privileges mean in one database: rights on the database, on schemas, on all tables of a schema (those to come as
 * well) and on single tables. Pure.
 */
import type { Privilege } from '../../api/types.generated.ts';

export type Rights = ReadonlySet<string>;

/** Of one schema, or of every one. */
export interface SchemaRights {
  readonly schema: Rights;
  readonly tables: Rights;
  readonly sequences: Rights;
  readonly functions: Rights;
}

export interface DatabaseRights {
  readonly database: Rights;
  /** In every schema, also in those to come. */
  readonly everywhere: SchemaRights;
  readonly schemas: ReadonlyMap<string, SchemaRights>;
  /** Schemas that are made when they are missing. */
  readonly made: ReadonlySet<string>;
  readonly tables: readonly { readonly schema: string; readonly table: string; readonly rights: Rights }[];
  /** It acts as the owner of the database. */
  readonly owner: boolean;
  readonly admin: boolean;
}

const tableRights = ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER'];
const databaseRights = ['CONNECT', 'TEMPORARY', 'CREATE'];
const maintain = 170000;

/** Of tables, as the server knows them; MAINTAIN came with 17. */
const allOnTables = (version: number): readonly string[] =>
  version >= maintain ? [...tableRights, 'MAINTAIN'] : tableRights;

const none: SchemaRights = { schema: new Set(), tables: new Set(), sequences: new Set(), functions: new Set() };

const rights = (schema: string, tables: string, sequences: string, functions = ''): SchemaRights => ({
  schema: words(schema),
  tables: words(tables),
  sequences: words(sequences),
  functions: words(functions),
});
const words = (text: string): Rights => new Set(text.split(' ').filter((word) => word !== ''));

const presets = {
  readonly: rights('USAGE', 'SELECT', 'SELECT'),
  readwrite: rights('USAGE', 'SELECT INSERT UPDATE DELETE', 'SELECT USAGE UPDATE'),
} as const;

/** Owner of one schema: everything but what the server leaves to the owner of each table. */
const ownerOfSchema = (version: number): SchemaRights =>
  rights('USAGE CREATE', allOnTables(version).join(' '), 'SELECT USAGE UPDATE', 'EXECUTE');

const union = (a: Rights, b: Rights): Rights => new Set([...a, ...b]);

const both = (a: SchemaRights, b: SchemaRights): SchemaRights => ({
  schema: union(a.schema, b.schema),
  tables: union(a.tables, b.tables),
  sequences: union(a.sequences, b.sequences),
  functions: union(a.functions, b.functions),
});

const empty: DatabaseRights = {
  database: new Set(),
  everywhere: none,
  schemas: new Map(),
  made: new Set(),
  tables: [],
  owner: false,
  admin: false,
};

/** By database; `fallback` is meant where a privilege names none. */
export function rightsByDatabase(
  privileges: readonly Privilege[],
  fallback: string,
  version: number,
): ReadonlyMap<string, DatabaseRights> {
  const result = new Map<string, DatabaseRights>();
  for (const privilege of privileges) {
    const name = privilege.database ?? fallback;
    result.set(name, withPrivilege(result.get(name) ?? empty, privilege, version));
  }
  return result;
}

function withPrivilege(before: DatabaseRights, privilege: Privilege, version: number): DatabaseRights {
  const connected = { ...before, database: union(before.database, new Set(['CONNECT'])) };
  const { preset, grant = [], schema, table } = privilege;
  switch (preset) {
    case 'readonly':
    case 'readwrite':
      return inSchema(connected, schema, presets[preset]);
    case 'owner':
      if (schema === undefined) return { ...connected, owner: true };
      return { ...inSchema(connected, schema, ownerOfSchema(version)), made: union(before.made, new Set([schema])) };
    case 'admin':
      return { ...connected, owner: true, admin: true };
    default:
      return withGrant(connected, new Set(grant.map((right) => right.toUpperCase())), { schema, table, version });
  }
}

function inSchema(before: DatabaseRights, schema: string | undefined, added: SchemaRights): DatabaseRights {
  if (schema === undefined) return { ...before, everywhere: both(before.everywhere, added) };
  return {
    ...before,
    schemas: new Map([...before.schemas, [schema, both(before.schemas.get(schema) ?? none, added)]]),
  };
}

interface Target {
  readonly schema: string | undefined;
  readonly table: string | undefined;
  readonly version: number;
}

/** A right counts for whatever has it: SELECT for tables and sequences, CREATE for the schema or the database. */
function withGrant(before: DatabaseRights, named: Rights, { schema, table, version }: Target): DatabaseRights {
  const onTables = allOnTables(version);
  const isAll = named.has('ALL');
  const among = (known: readonly string[]): Rights => new Set(known.filter((right) => isAll || named.has(right)));
  if (table !== undefined) {
    const at = schema ?? 'public';
    const reached = inSchema(before, at, { ...none, schema: new Set(['USAGE']) });
    return { ...reached, tables: [...before.tables, { schema: at, table, rights: among(onTables) }] };
  }
  const tables = among(onTables);
  const functions = among(['EXECUTE']);
  const ofSchema = among(schema === undefined ? ['USAGE'] : ['USAGE', 'CREATE']);
  const sequences = among(['SELECT', 'UPDATE', 'USAGE']);
  // Rights on what is in a schema are of no use to who may not enter it.
  const enters = tables.size + functions.size > 0 ? union(ofSchema, new Set(['USAGE'])) : ofSchema;
  const within = inSchema(before, schema, { schema: enters, tables, sequences, functions });
  return schema === undefined ? { ...within, database: union(before.database, among(databaseRights)) } : within;
}

/** What holds in one schema. */
export const rightsIn = ({ everywhere, schemas }: DatabaseRights, schema: string): SchemaRights =>
  both(everywhere, schemas.get(schema) ?? none);

export const noRights = empty;
