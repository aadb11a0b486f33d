/** What MySQL and MariaDB have in common for admission. */
import type { EngineChecks } from './engine.ts';
import { mysqlUnits, settingBytes } from './setting-values.ts';

const sizes: ReadonlySet<string> = new Set(
  `innodb_buffer_pool_size innodb_log_file_size innodb_redo_log_capacity innodb_log_buffer_size max_allowed_packet
  tmp_table_size max_heap_table_size sort_buffer_size join_buffer_size read_buffer_size key_buffer_size`.split(/\s+/),
);

const normal = (name: string): string => name.toLowerCase().replaceAll('-', '_');

export const sqlChecks = (leastMemoryBytes: number): EngineChecks => ({
  leastMemoryBytes,
  bytesPerConnection: 1024 * 1024,
  electsByMajority: false,
  ownedEnvironment: ['MYSQL_*', 'MARIADB_*'],
  claimedMemory(parameters) {
    const entry = Object.entries(parameters).find(([name]) => normal(name) === 'innodb_buffer_pool_size');
    const bytes = entry && settingBytes(String(entry[1]), mysqlUnits, 1);
    return bytes === undefined ? undefined : { name: entry?.[0] ?? '', bytes };
  },
  parameterFault(name, value) {
    if (!sizes.has(normal(name)) || settingBytes(value, mysqlUnits, 1) !== undefined) return undefined;
    return 'must be a size such as 128M: a whole number and one of K, M, G, T';
  },
  grants: [
    ...['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'CREATE', 'DROP', 'ALTER', 'INDEX', 'REFERENCES', 'EXECUTE', 'EVENT'],
    ...['TRIGGER', 'LOCK TABLES', 'CREATE VIEW', 'SHOW VIEW', 'CREATE ROUTINE', 'ALTER ROUTINE', 'ALL'],
    'CREATE TEMPORARY TABLES',
  ],
  grantTargets: ['table'],
});
