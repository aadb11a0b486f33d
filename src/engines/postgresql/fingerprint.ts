/** What is in a PostgreSQL database, so that a restored one can be compared with it: rows and a sum over their text. */
import type { TableFingerprint } from '../../api/backup-order.ts';
import type { Tables } from '../backup.ts';

/** Rows of one statement. */
export type Ask = (
  statement: string,
  values?: readonly string[],
) => Promise<readonly Readonly<Record<string, unknown>>[]>;

export const method = 'postgresql/hashtextextended/1';

/** Before 11 there is no hash of 64 bits. */
export const methodOf = (version: number): string => (version >= 110_000 ? method : 'postgresql/hashtext/1');

/** So that text of values does not depend on what is set for the database or the role. */
export const steadyText = [
  "SET DateStyle = 'ISO, YMD'",
  "SET IntervalStyle = 'postgres'",
  "SET TimeZone = 'UTC'",
  'SET extra_float_digits = 3',
  "SET bytea_output = 'hex'",
  "SET lc_monetary = 'C'",
  "SET search_path = ''",
  'SET statement_timeout = 0',
  'SET idle_in_transaction_session_timeout = 0',
  "SET lock_timeout = '60s'",
];

/** Tables that hold rows themselves. Those that belong to an extension come with it. */
const listTables = `SELECT n.nspname AS schema, c.relname AS name
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
      WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.deptype = 'e')
  ORDER BY 1, 2`;

export const largeObjects = 'large objects';

export async function tablesOf(ask: Ask, version: number): Promise<Tables> {
  const tables: Tables = {};
  for (const row of await ask(listTables)) {
    const schema = String(row['schema']);
    const name = String(row['name']);
    tables[`${schema}.${name}`] = counted((await ask(sumOf(schema, name, version)))[0]);
  }
  const [large] = await ask('SELECT count(*) AS rows FROM pg_catalog.pg_largeobject_metadata');
  if (Number(large?.['rows']) > 0) tables[largeObjects] = { rows: Number(large?.['rows']) };
  return tables;
}

const counted = (row: Readonly<Record<string, unknown>> | undefined): TableFingerprint => ({
  rows: Number(row?.['rows']),
  checksum: String(row?.['checksum']),
});

/** The alias can't be a column's name by accident: that would be taken for the column. */
function sumOf(schema: string, name: string, version: number): string {
  const row = '"database_operator_row"';
  const text = `${row}::pg_catalog.text COLLATE "C"`;
  const hash =
    version >= 110_000 ? `pg_catalog.hashtextextended(${text}, 0)` : `pg_catalog.hashtext(${text})::pg_catalog.int8`;
  return `SELECT pg_catalog.count(*) AS rows, COALESCE(pg_catalog.sum(${hash}), 0)::pg_catalog.text AS checksum
    FROM ONLY ${quoted(schema)}.${quoted(name)} AS ${row}`;
}

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
