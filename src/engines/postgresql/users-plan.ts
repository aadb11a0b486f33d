/**
 * From what a database says of a role's rights and what it should have to statements; none where nothing differs. What
 * the role owns is left alone: those rights come with owning. Pure.
 */
import { identifier } from './quote.ts';
import type { Acl, DatabaseView } from './users-observe.ts';
import { rightsIn, type DatabaseRights, type Rights, type SchemaRights } from './users-rights.ts';

export interface Statement {
  readonly sql: string;
  /** For people. */
  readonly says: string;
  /** It takes away what somebody else gave. */
  readonly takes?: true;
  /** Role that has to say it: only who granted a right can take it back. */
  readonly as?: string;
}

export interface RightsPlan {
  readonly statements: readonly Statement[];
  readonly missing: readonly string[];
}

const sorted = (values: Iterable<string>): readonly string[] => [...values].sort();
const list = (values: Iterable<string>): string => sorted(values).join(', ');
const qualified = (schema: string, name: string): string => `${identifier(schema)}.${identifier(name)}`;
/** Objects named in one statement at most. */
const most = 100;

function chunks<T>(values: readonly T[]): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(values.length / most) }, (_, index) =>
    values.slice(index * most, (index + 1) * most),
  );
}

interface Frame {
  readonly role: string;
  readonly wanted: DatabaseRights;
  readonly view: DatabaseView;
}

const keyOf = ({ kind, schema = '', name = '', column = '', owner }: Partial<Acl>): string =>
  JSON.stringify(kind === 'default' ? [kind, owner, schema, name] : [kind, schema, name, column]);

/** `names`: the role that holds the rights first, then its other logins, which hold none of their own. */
export function planRights(names: readonly string[], wanted: DatabaseRights, view: DatabaseView): RightsPlan {
  const [role = ''] = names;
  const held = new Map<string, Set<string>>();
  for (const one of view.acls) {
    if (one.grantee !== role) continue;
    const key = keyOf(one);
    held.set(key, (held.get(key) ?? new Set()).add(one.right));
  }
  const frame: Frame = { role, wanted, view };
  const keep = new Map<string, Set<string>>();
  const want = (thing: Partial<Acl>, rights: Rights): readonly string[] => {
    const key = keyOf(thing);
    keep.set(key, new Set([...(keep.get(key) ?? []), ...rights]));
    return [...rights].filter((right) => held.get(key)?.has(right) !== true);
  };
  const missing: string[] = [];
  const given = [
    ...databaseGrants(frame, want),
    ...schemaGrants(frame, want),
    ...tableGrants(frame, want, missing),
    ...defaultGrants(frame, want),
  ];
  const known = new Set([...view.schemas.map(({ name }) => name), ...wanted.made]);
  for (const schema of wanted.schemas.keys()) if (!known.has(schema)) missing.push(`schema ${schema}`);
  const extra = view.acls.filter(
    (one) => one.grantee !== role || one.grantable || keep.get(keyOf(one))?.has(one.right) !== true,
  );
  return { statements: [...revokes(extra, view, keep, role), ...given], missing: sorted(missing) };
}

type Want = (thing: Partial<Acl>, rights: Rights) => readonly string[];

function databaseGrants({ role, wanted, view }: Frame, want: Want): readonly Statement[] {
  const absent = want({ kind: 'database', name: view.database }, wanted.database);
  if (absent.length === 0) return [];
  const sql = `GRANT ${list(absent)} ON DATABASE ${identifier(view.database)} TO ${identifier(role)}`;
  return [{ sql, says: `${list(absent)} on database ${view.database}` }];
}

const classes = [
  ['tables', 'table', 'TABLES'],
  ['sequences', 'sequence', 'SEQUENCES'],
] as const;

function schemaGrants({ role, wanted, view }: Frame, want: Want): readonly Statement[] {
  const to = identifier(role);
  const present = new Set(view.schemas.map(({ name }) => name));
  const makes = sorted(wanted.made).filter((name) => !present.has(name));
  const made = makes.map((name) => ({
    sql: `CREATE SCHEMA ${identifier(name)} AUTHORIZATION ${identifier(view.owner)}`,
    says: `schema ${name} made`,
  }));
  const relations = Map.groupBy(view.relations, ({ schema, kind }) => `${kind} ${schema}`);
  return [
    ...made,
    ...[...sorted(present), ...makes].flatMap((schema) => {
      const rights = rightsIn(wanted, schema);
      const statements: Statement[] = [];
      const own = view.schemas.find(({ name }) => name === schema)?.owner === role;
      const absent = own ? [] : want({ kind: 'schema', schema }, rights.schema);
      if (absent.length > 0) {
        const sql = `GRANT ${list(absent)} ON SCHEMA ${identifier(schema)} TO ${to}`;
        statements.push({ sql, says: `${list(absent)} on schema ${schema}` });
      }
      for (const [field, kind, word] of classes) {
        const lacking = new Set(
          (relations.get(`${kind} ${schema}`) ?? [])
            .filter(({ owner }) => owner !== role)
            .flatMap(({ name }) => want({ kind, schema, name }, rights[field])),
        );
        if (lacking.size === 0) continue;
        const sql = `GRANT ${list(lacking)} ON ALL ${word} IN SCHEMA ${identifier(schema)} TO ${to}`;
        statements.push({ sql, says: `${list(lacking)} on the ${field} of schema ${schema}` });
      }
      return [...statements, ...functionGrants(role, schema, rights, view, want)];
    }),
  ];
}

/** Functions are everybody's to call unless somebody took that away; so this is only looked at when asked for. */
function functionGrants(
  role: string,
  schema: string,
  { functions }: SchemaRights,
  view: DatabaseView,
  want: Want,
): readonly Statement[] {
  if (functions.size === 0) return [];
  const lacking = view.functions.filter((one) => one.schema === schema && one.owner !== role);
  const absent = lacking.flatMap(({ name }) => want({ kind: 'function', schema, name }, functions));
  if (absent.length === 0) return [];
  const sql = `GRANT EXECUTE ON ALL ${view.routine}S IN SCHEMA ${identifier(schema)} TO ${identifier(role)}`;
  return [{ sql, says: `EXECUTE on the functions of schema ${schema}` }];
}

function tableGrants({ role, wanted, view }: Frame, want: Want, missing: string[]): readonly Statement[] {
  return wanted.tables.flatMap(({ schema, table, rights }) => {
    const found = view.relations.find((one) => one.schema === schema && one.name === table && one.kind === 'table');
    if (found === undefined) {
      missing.push(`table ${schema}.${table}`);
      return [];
    }
    if (found.owner === role) return [];
    const absent = want({ kind: 'table', schema, name: table }, rights);
    if (absent.length === 0) return [];
    const sql = `GRANT ${list(absent)} ON TABLE ${qualified(schema, table)} TO ${identifier(role)}`;
    return [{ sql, says: `${list(absent)} on table ${schema}.${table}` }];
  });
}

/** For what those who make things here will make. */
function defaultGrants({ role, wanted, view }: Frame, want: Want): readonly Statement[] {
  const places: readonly (readonly [string | undefined, SchemaRights])[] = [
    [undefined, wanted.everywhere],
    ...[...wanted.schemas].filter(([name]) => wanted.made.has(name) || view.schemas.some((one) => one.name === name)),
  ];
  return view.creators
    .filter((owner) => owner !== role)
    .flatMap((owner) =>
      places.flatMap(([schema, rights]) =>
        (
          [
            ['TABLES', rights.tables],
            ['SEQUENCES', rights.sequences],
            ['FUNCTIONS', rights.functions],
            ['SCHEMAS', schema === undefined ? rights.schema : new Set<string>()],
          ] as const
        ).flatMap(([name, wished]) => {
          const absent = want({ kind: 'default', owner, name, ...(schema !== undefined && { schema }) }, wished);
          if (absent.length === 0) return [];
          const sql = `${defaultsOf(owner, schema)} GRANT ${list(absent)} ON ${name} TO ${identifier(role)}`;
          const where = schema === undefined ? '' : ` in schema ${schema}`;
          return [{ sql, says: `${list(absent)} on ${name.toLowerCase()} that ${owner} will make${where}` }];
        }),
      ),
    );
}

const defaultsOf = (owner: string, schema: string | undefined): string =>
  `ALTER DEFAULT PRIVILEGES FOR ROLE ${identifier(owner)}${schema === undefined ? '' : ` IN SCHEMA ${identifier(schema)}`}`;

/** Rights that stay and could be handed on lose only that. One statement takes the same rights from many things. */
function revokes(
  extra: readonly Acl[],
  view: DatabaseView,
  keep: ReadonlyMap<string, Rights>,
  role: string,
): readonly Statement[] {
  const groups = Map.groupBy(extra, (one) => {
    const onlyOption = one.grantee === role && keep.get(keyOf(one))?.has(one.right) === true;
    const granter = one.grantor === one.owner ? '' : one.grantor;
    const place = placeOf(one);
    return JSON.stringify([one.kind, place, one.right, one.grantee, granter, onlyOption, one.column ?? '']);
  });
  return [...groups.values()].flatMap((group) => chunks(group).map((part) => revoke(part, view, keep, role)));
}

/** What one statement may be about. */
function placeOf({ kind, owner, schema = '', name = '' }: Acl): readonly string[] {
  if (kind === 'default') return [owner, schema, name];
  return kind === 'database' || kind === 'other' ? [name] : [schema];
}

function revoke(group: readonly Acl[], view: DatabaseView, keep: ReadonlyMap<string, Rights>, role: string): Statement {
  const [first] = group as readonly [Acl];
  const { kind, right, grantee, schema, column } = first;
  const onlyOption = grantee === role && keep.get(keyOf(first))?.has(right) === true;
  const what = `${onlyOption ? 'GRANT OPTION FOR ' : ''}${right}${column === undefined ? '' : ` (${identifier(column)})`}`;
  const from = `FROM ${identifier(grantee)} CASCADE`;
  const thing = thingOf(group, view);
  const prefix = kind === 'default' ? `${defaultsOf(first.owner, schema)} ` : '';
  const spoken = kind === 'default' ? `${(first.name ?? '').toLowerCase()} that ${first.owner} will make` : thing;
  return {
    sql: `${prefix}REVOKE ${what} ON ${thing} ${from}`,
    says: `${what} on ${spoken}`,
    takes: true,
    ...(first.grantor !== first.owner && kind !== 'default' && { as: first.grantor }),
  };
}

/** The things of one group, as a statement names them. */
function thingOf(group: readonly Acl[], { routine, database }: DatabaseView): string {
  const [{ kind, schema = '', name = '' }] = group as readonly [Acl];
  const names = group.map((one) => one.name ?? '');
  switch (kind) {
    case 'database':
      return `DATABASE ${identifier(name === '' ? database : name)}`;
    case 'schema':
      return `SCHEMA ${identifier(schema)}`;
    case 'table':
    case 'column':
      return `TABLE ${names.map((one) => qualified(schema, one)).join(', ')}`;
    case 'sequence':
      return `SEQUENCE ${names.map((one) => qualified(schema, one)).join(', ')}`;
    case 'function':
      return `${routine} ${names.join(', ')}`;
    default:
      return name;
  }
}
