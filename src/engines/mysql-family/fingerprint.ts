/** What is in the databases of MySQL and MariaDB: rows and a sum over their contents. */
import type { Tables } from '../backup.ts';
import { text, type Ask } from './connection.ts';

export const method = 'mysql/md5/1';

const ownSchemas = "('mysql', 'sys', 'performance_schema', 'information_schema')";

export const listDatabases = `SELECT schema_name AS name FROM information_schema.schemata
  WHERE schema_name NOT IN ${ownSchemas} ORDER BY schema_name`;

/** Names one thing that a restore would destroy or mix with. */
export const anyTable = `SELECT CONCAT(table_schema, '.', table_name) AS name FROM information_schema.tables
  WHERE table_schema NOT IN ${ownSchemas}
  UNION ALL SELECT CONCAT(routine_schema, '.', routine_name) FROM information_schema.routines
  WHERE routine_schema NOT IN ${ownSchemas} LIMIT 1`;

const listColumns = `SELECT t.table_name AS tab, t.engine AS eng, c.column_name AS col, c.data_type AS typ,
    c.is_nullable AS nullable
  FROM information_schema.tables t
  JOIN information_schema.columns c ON c.table_schema = t.table_schema AND c.table_name = t.table_name
  WHERE t.table_schema = ? AND t.table_type = 'BASE TABLE'
  ORDER BY t.table_name, c.ordinal_position`;

interface Column {
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
}

interface Table {
  readonly columns: Column[];
  /** Its snapshot is the dump's. */
  readonly transactional: boolean;
}

/** So that text of values does not depend on what is set for the server. */
export const steadyText = [
  "SET SESSION time_zone = '+00:00'",
  "SET SESSION sql_mode = ''",
  'SET SESSION group_concat_max_len = 1048576',
  'SET SESSION wait_timeout = 86400',
  'SET SESSION net_read_timeout = 3600',
  'SET SESSION net_write_timeout = 3600',
];

export async function tablesOf(ask: Ask, database: string): Promise<Tables> {
  const found = new Map<string, Table>();
  for (const row of await ask(listColumns, [database])) {
    const name = text(row, 'tab');
    const table = found.get(name) ?? { columns: [], transactional: /^innodb$/i.test(text(row, 'eng')) };
    table.columns.push({
      name: text(row, 'col'),
      type: text(row, 'typ').toLowerCase(),
      nullable: text(row, 'nullable') === 'YES',
    });
    found.set(name, table);
  }
  const tables: Tables = {};
  for (const [name, { columns, transactional }] of found) {
    const [row] = await ask(sumOf(database, name, columns));
    tables[name] = {
      ...{ rows: Number(text(row, 'n')), checksum: text(row, 'checksum') },
      ...(!transactional && { approximate: true }),
    };
  }
  return tables;
}

export const quoted = (name: string): string => `\`${name.replaceAll('`', '``')}\``;

const spatial = /^(?:geometry|point|linestring|polygon|multi\w+|geomcollection|geometrycollection)$/;

/** Bytes as they are stored; whether a value is NULL stands beside it, because joining leaves NULLs out. */
export function sumOf(database: string, table: string, columns: readonly Column[]): string {
  const parts = columns.flatMap(({ name, type, nullable }) => {
    const column = quoted(name);
    const bytes = spatial.test(type) ? `ST_AsWKB(${column})` : `CAST(${column} AS BINARY)`;
    return nullable ? [bytes, `ISNULL(${column})`] : [bytes];
  });
  const hash = `CAST(CONV(LEFT(MD5(CONCAT_WS(0x1f, ${parts.join(', ')})), 15), 16, 10) AS UNSIGNED)`;
  return `SELECT COUNT(*) AS n, CAST(COALESCE(SUM(${hash}), 0) AS CHAR) AS checksum FROM ${quoted(database)}.${quoted(table)}`;
}
