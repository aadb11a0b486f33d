/**
 * postgresql.conf: the baselines, scaled down to the pod's memory and its volume or sized up from the memory limit, then
 * what the user asks for. A setting stands in the file once, so what is read is what counts. Where the server listens
 * and where its files lie is given on its command line (boot.ts), out of reach of this file and of ALTER SYSTEM.
 */
import type { Database } from '../../api/types.generated.ts';
import { parseQueryTimeout } from '../../values/duration.ts';
import type { Sizing } from '../engine.ts';
import { isOwned } from './parameters.ts';
import { tlsDirectory } from '../mounts.ts';

const kiB = 1024;
const MiB = 1024 * kiB;
const GiB = 1024 * MiB;
/** Compiled into every public image. */
const walSegment = 16 * MiB;
const newest = 18;

/** Major version; the newest when the version is still open. */
export function majorOf(database: Database): number {
  const digits = /^[0-9]+/.exec(database.spec.version ?? '')?.[0];
  return digits === undefined ? newest : Number(digits);
}

export const memberNames = (database: Database): string[] =>
  Array.from({ length: database.spec.replicas ?? 1 }, (_, ordinal) => `${database.metadata.name}-${ordinal}`);

type Settings = Map<string, string>;

export function renderConfig(database: Database, sizing: Sizing): string {
  const settings: Settings = new Map([
    ...memorySettings(database, sizing.memoryBytes),
    ...writeAheadLogSettings(database, sizing.volumeBytes),
    ...replicationSettings(database),
    ...plannerSettings,
    ...loggingSettings,
    ...tlsSettings(database),
    ...userSettings(database),
    ...atLeast(database),
  ]);
  const lines = [...settings].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => `${name} = ${quote(value)}`);
  return [
    '# Written by database-operator from the Database object; changes made here are put back.',
    ...lines,
    '',
  ].join('\n');
}

/** PostgreSQL's memory units are binary: kB is 1024 bytes. Rounded down to whole kB. */
function memory(bytes: number): string {
  if (bytes >= GiB && bytes % GiB === 0) return `${bytes / GiB}GB`;
  return bytes >= MiB && bytes % MiB === 0 ? `${bytes / MiB}MB` : `${Math.max(1, Math.floor(bytes / kiB))}kB`;
}

const wholeMiB = (bytes: number): number => (bytes >= 4 * MiB ? Math.floor(bytes / MiB) * MiB : bytes);

const clamp = (value: number, least: number, most: number): number => Math.min(Math.max(value, least), most);

/**
 * Shares of the memory limit: a quarter for shared buffers, and the rest over connections that each sort twice at the
 * same time. Autovacuum runs three workers with maintenance_work_mem each: a sixteenth keeps them under a fifth.
 */
function memorySettings(database: Database, limit: number | undefined): [string, string][] {
  const connections = database.spec.config?.maxConnections ?? 100;
  const hugePages = Object.keys(database.spec.resources?.limits ?? {}).some((name) => name.startsWith('hugepages-'));
  const common: [string, string][] = [
    ['max_connections', String(connections)],
    ['dynamic_shared_memory_type', 'posix'],
    // A node that has huge pages kills a pod that takes them without asking for them.
    ['huge_pages', hugePages ? 'try' : 'off'],
  ];
  if (limit === undefined) {
    return [
      ...common,
      ['shared_buffers', '128MB'],
      ['effective_cache_size', '4GB'],
      ['maintenance_work_mem', '64MB'],
      ['work_mem', '4MB'],
      ['wal_buffers', '16MB'],
    ];
  }
  const shared = wholeMiB(Math.max(limit / 4, MiB));
  return [
    ...common,
    ['shared_buffers', memory(shared)],
    ['effective_cache_size', memory(wholeMiB((limit * 3) / 4))],
    ['maintenance_work_mem', memory(wholeMiB(clamp(limit / 16, 4 * MiB, GiB)))],
    ['work_mem', memory(wholeMiB(clamp((limit - shared) / (2 * connections), 256 * kiB, 64 * MiB)))],
    ['wal_buffers', memory(wholeMiB(Math.min(16 * MiB, shared / 8)))],
  ];
}

/** Neither the log between checkpoints nor what a lost replica holds back may fill the volume: a quarter each. */
function writeAheadLogSettings(database: Database, volume: number): [string, string][] {
  const most = wholeMiB(clamp(volume / 4, 2 * walSegment, 4 * GiB));
  const major = majorOf(database);
  // A replica that was away for a moment finds what it missed, and pg_rewind the place where histories parted.
  const kept = clamp(Math.floor(volume / 16 / walSegment), 2, 64);
  return [
    ['max_wal_size', memory(most)],
    ['min_wal_size', memory(wholeMiB(clamp(most / 4, 2 * walSegment, GiB)))],
    ['checkpoint_completion_target', '0.9'],
    ['wal_level', 'replica'],
    ['max_wal_senders', '10'],
    ['max_replication_slots', '10'],
    ['hot_standby', 'on'],
    ...(major >= 13
      ? ([
          ['max_slot_wal_keep_size', memory(wholeMiB(Math.max(volume / 4, 4 * walSegment)))],
          ['wal_keep_size', memory(kept * walSegment)],
        ] as [string, string][])
      : ([['wal_keep_segments', String(kept)]] as [string, string][])),
  ];
}

/** An acknowledged write is on two members. */
const inStep = (database: Database): boolean =>
  database.spec.replication?.mode === 'sync' && (database.spec.replicas ?? 1) > 1;

/**
 * A connection that died shows within 5 s on both sides, and a standby tries again every second. hot_standby_feedback
 * stays off: a forgotten query on a replica would keep the primary from cleaning up; instead such a query is cancelled.
 */
function replicationSettings(database: Database): [string, string][] {
  const members = memberNames(database).map((name) => `"${name}"`);
  return [
    ['synchronous_standby_names', inStep(database) ? `ANY 1 (${members.join(', ')})` : ''],
    ['wal_sender_timeout', '5s'],
    ['wal_receiver_timeout', '5s'],
    ['wal_receiver_status_interval', '1s'],
    ['wal_retrieve_retry_interval', '1s'],
    ['hot_standby_feedback', 'off'],
  ];
}

const plannerSettings: readonly [string, string][] = [
  ['default_statistics_target', '100'],
  ['random_page_cost', '1.1'],
  ['effective_io_concurrency', '200'],
];

const loggingSettings: readonly [string, string][] = [
  ['log_destination', 'stderr'],
  ['logging_collector', 'off'],
  ['log_line_prefix', '%m [%p] %q%u@%d '],
  ['log_checkpoints', 'on'],
  ['log_lock_waits', 'on'],
  ['log_timezone', 'UTC'],
  ['timezone', 'UTC'],
];

function tlsSettings(database: Database): [string, string][] {
  const common: [string, string][] = [['password_encryption', 'scram-sha-256']];
  if (database.spec.tls?.certificateSecret === undefined) return [...common, ['ssl', 'off']];
  return [
    ...common,
    ['ssl', 'on'],
    ['ssl_cert_file', `${tlsDirectory}/tls.crt`],
    ['ssl_key_file', `${tlsDirectory}/tls.key`],
    ...(majorOf(database) >= 12 ? [['ssl_min_protocol_version', 'TLSv1.2'] as [string, string]] : []),
  ];
}

const nameForm = /^[A-Za-z_][A-Za-z0-9_$]*(\.[A-Za-z_][A-Za-z0-9_$]*)?$/;

/** Admission refuses bad and owned names; here they are left out in case it was away. */
function userSettings(database: Database): [string, string][] {
  const config = database.spec.config;
  const timeout = config?.queryTimeout === undefined ? undefined : parseQueryTimeout(config.queryTimeout);
  return [
    ...(timeout?.ok ? [['statement_timeout', `${timeout.value}ms`] as [string, string]] : []),
    ...Object.entries(config?.parameters ?? {})
      .filter(([name]) => nameForm.test(name) && !isOwned(name))
      .map(([name, value]): [string, string] => [name.toLowerCase(), String(value)]),
  ];
}

/** Replicas and base backups need these, whatever the user has set. */
function atLeast(database: Database): [string, string][] {
  const written = new Map(Object.entries(database.spec.config?.parameters ?? {}).map(([k, v]) => [k.toLowerCase(), v]));
  const raised = ['max_wal_senders', 'max_replication_slots']
    .filter((name) => written.has(name) && !(Number(written.get(name)) >= 10))
    .map((name): [string, string] => [name, '10']);
  const level = String(written.get('wal_level')).toLowerCase();
  if (level === 'minimal') raised.push(['wal_level', 'replica']);
  // Less than a flush on the other member would make an acknowledged write one that can be lost.
  const commit = String(written.get('synchronous_commit') ?? 'on').toLowerCase();
  if (inStep(database) && commit !== 'remote_apply') raised.push(['synchronous_commit', 'on']);
  return raised;
}

/** Words and numbers that the server's file lexer takes without quotes. */
const plain = /^([A-Za-z][A-Za-z0-9_]*|-?[0-9]+[A-Za-z]*|-?[0-9]+\.[0-9]+)$/;

/** A string as that lexer reads it: nothing ends it but its quote, and a line break is `\n`. */
function quote(value: string): string {
  if (plain.test(value)) return value;
  const escaped = value
    .replaceAll('\0', '')
    .replaceAll('\\', '\\\\')
    .replaceAll("'", "''")
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r');
  return `'${escaped}'`;
}
