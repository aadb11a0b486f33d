/**
 * my.cnf for MySQL and MariaDB, which share InnoDB and the file's grammar. The baselines are sized from the memory limit
 * and never beyond it or a share of the volume; a setting stands in the file once.
 */
import type { Database } from '../api/types.generated.ts';
import type { Sizing } from './engine.ts';
import { clamp, GiB, KiB, MiB, roundDown, shortSize } from './sizes.ts';

/** Below this half of the memory is too much for the buffer pool. */
const tinyPod = 512 * MiB;
/** Below this the performance schema alone (some 200 MB in MySQL 8) would take a large part. */
const smallPod = GiB;
const baselinePool = 128 * MiB;
const baselineRedo = 128 * MiB;
const baselineConnections = 100;
/** Buffers and stack of one busy connection. */
const perConnection = 3 * MiB;

export interface InnoDb {
  readonly bufferPool: number;
  /** All redo log files together. */
  readonly redo: number;
  readonly connections: number;
  /** One file of the binary log; the boot script removes whole ones. */
  readonly binlog: number;
  readonly small: boolean;
}

export function innoDbSizes({ memoryBytes, volumeBytes }: Sizing): InnoDb {
  const bufferPool = memoryBytes === undefined ? baselinePool : poolOf(memoryBytes);
  const wanted = memoryBytes === undefined ? baselineRedo : clamp(bufferPool / 4, baselineRedo, 2 * GiB);
  return {
    bufferPool,
    redo: roundDown(clamp(wanted, 8 * MiB, Math.max(volumeBytes / 4, 8 * MiB)), 2 * MiB),
    connections:
      memoryBytes === undefined
        ? baselineConnections
        : clamp(Math.floor(memoryBytes / 4 / perConnection), 10, baselineConnections),
    binlog: roundDown(clamp(volumeBytes / 64, 4 * MiB, 256 * MiB), MiB),
    small: memoryBytes !== undefined && memoryBytes < smallPod,
  };
}

/** The server rounds up to whole chunks (128 MiB, eight of them from 1 GiB on), so this rounds down to them first. */
function poolOf(memory: number): number {
  const share = memory < tinyPod ? memory / 4 : memory / 2;
  if (share >= GiB) return roundDown(share, GiB);
  return share >= baselinePool ? roundDown(share, baselinePool) : Math.max(roundDown(share, MiB), 8 * MiB);
}

/** Settings that both servers take, before those of one of them and the user's own. */
export const commonSettings = (database: Database, sizes: InnoDb): ReadonlyMap<string, string> =>
  new Map([
    ['max_connections', String(database.spec.config?.maxConnections ?? sizes.connections)],
    ['innodb_buffer_pool_size', shortSize(sizes.bufferPool)],
    ['innodb_flush_log_at_trx_commit', '1'],
    ['sync_binlog', '1'],
    ['max_binlog_size', shortSize(sizes.binlog)],
    // Otherwise nobody but a superuser can make a trigger or a function; rows, not statements, are replicated.
    ['log_bin_trust_function_creators', 'ON'],
    ['character_set_server', 'utf8mb4'],
    ['skip_name_resolve', 'ON'],
    ...(sizes.small ? smallSettings : []),
  ]);

const smallSettings: readonly (readonly [string, string])[] = [
  ['performance_schema', 'OFF'],
  ['table_open_cache', '200'],
  ['tmp_table_size', shortSize(4 * MiB)],
  ['max_heap_table_size', shortSize(4 * MiB)],
  ['innodb_log_buffer_size', shortSize(2 * MiB)],
  ['key_buffer_size', shortSize(512 * KiB)],
];

/** Option names: `-` and `_` are the same, and these prefixes only say what to do when the option is unknown. */
export const optionName = (name: string): string =>
  name
    .toLowerCase()
    .replaceAll('-', '_')
    .replace(/^(?:(?:loose|skip|enable|disable|maximum)_)+(?=.)/, (prefix) =>
      prefix.replaceAll('disable_', 'skip_').replace(/(?:loose|enable|maximum)_/g, ''),
    );

export const optionForm = /^[A-Za-z][A-Za-z0-9_.-]*$/;

/** Sorted, one line each. */
export function renderOptions(settings: ReadonlyMap<string, string>): string {
  const lines = [...settings]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name} = ${quoteOption(value)}`);
  return [
    '# Written by database-operator from the Database object; changes made here are put back.',
    '[mysqld]',
    ...lines,
    '',
  ].join('\n');
}

const escapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '"': '\\"', '\\': '\\\\' };

/** A `#` in the middle of a line would begin a comment, and a line end the next setting: both only outside quotes. */
function quoteOption(value: string): string {
  if (/^[A-Za-z0-9_.,:/+-]+$/.test(value)) return value;
  // eslint-disable-next-line no-control-regex -- these are the ones to get rid of
  return `"${value.replace(/[\n\r\t"\\]/g, (found) => escapes[found] ?? found).replace(/[\x00-\x1f\x7f]/g, ' ')}"`;
}
