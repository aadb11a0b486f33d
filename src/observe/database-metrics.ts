/**
 * What the operator knows of each Database, read from its caches at every scrape: a dozen series for each that exists, and
 * none for one that is gone. Written as text at once, because series that are kept between scrapes would cost memory all day.
 * The labels are not called `namespace` and `pod`: those are the operator's own in Prometheus.
 */
import { isTrue, getCondition } from '../api/conditions.ts';
import type { Condition } from '../api/object.ts';
import type { Database, DatabaseBackup } from '../api/types.generated.ts';

export interface KnownObjects {
  readonly databases: readonly Database[];
  readonly backups: readonly DatabaseBackup[];
}

interface Series {
  readonly name: string;
  readonly help: string;
  /** Undefined: no sample. */
  readonly value: (database: Database, backups: readonly DatabaseBackup[]) => number | undefined;
  readonly labels?: (database: Database) => Readonly<Record<string, string>> | undefined;
}

const prefix = 'database_operator_database_';
const flag = (value: boolean): number => (value ? 1 : 0);
const conditions = ({ status }: Database): readonly Condition[] | undefined => status?.conditions;

/** Seconds since the epoch of the latest. */
function latest(times: readonly (string | undefined)[]): number | undefined {
  const known = times.flatMap((time) => (time === undefined ? [] : [Date.parse(time) / 1000])).filter(Number.isFinite);
  return known.length === 0 ? undefined : Math.max(...known);
}

const backsUp = ({ spec }: DatabaseBackup): boolean => spec.schedule !== undefined;

export const databaseSeries: readonly Series[] = [
  {
    name: 'info',
    help: 'Engine and version; always 1.',
    value: () => 1,
    labels: ({ spec }) => ({ engine: spec.engine ?? '', version: spec.version ?? '' }),
  },
  {
    name: 'phase',
    help: '1 for the phase it is in.',
    value: () => 1,
    labels: ({ status }) => (status?.phase === undefined ? undefined : { phase: status.phase }),
  },
  {
    name: 'primary',
    help: '1 for the member that is recorded as the primary.',
    value: () => 1,
    labels: ({ status }) => (status?.currentPrimary === undefined ? undefined : { member: status.currentPrimary }),
  },
  {
    name: 'ready',
    help: 'Whether its condition Ready is true.',
    value: (database) => flag(isTrue(conditions(database), 'Ready')),
  },
  {
    name: 'degraded',
    help: 'Whether its condition Degraded is true.',
    value: (database) => flag(isTrue(conditions(database), 'Degraded')),
  },
  {
    name: 'members',
    help: 'Servers that are wanted.',
    value: ({ spec }) => (spec.hibernate === true ? 0 : (spec.replicas ?? 1)),
  },
  { name: 'members_ready', help: 'Servers that are ready.', value: ({ status }) => status?.readyReplicas ?? 0 },
  {
    name: 'created_timestamp_seconds',
    help: 'When it was made, seconds since the epoch.',
    value: ({ metadata }) => latest([metadata.creationTimestamp]),
  },
  {
    name: 'backup_wanted',
    help: 'Whether regular backups are asked for.',
    value: ({ spec }, backups) => flag(spec.backup?.enabled === true || backups.some(backsUp)),
  },
  {
    name: 'backup_failed',
    help: 'Whether the last backup failed.',
    value: (database, backups) =>
      flag(
        getCondition(conditions(database), 'BackupReady')?.reason === 'LastBackupFailed' ||
          backups.some((backup) => backsUp(backup) && backup.status?.phase === 'Failed'),
      ),
  },
  {
    name: 'last_backup_timestamp_seconds',
    help: 'When the newest good backup ended, seconds since the epoch.',
    value: ({ status }, backups) =>
      latest([
        status?.backupStatus?.lastBackup,
        ...backups.map((backup) => (backup.status?.phase === 'Failed' ? undefined : backup.status?.end)),
      ]),
  },
  {
    name: 'proof_wanted',
    help: 'Whether backups are to be proven by restoring them.',
    value: (_, backups) => flag(backups.some(({ spec }) => spec.verify?.enabled === true)),
  },
  {
    name: 'last_proof_timestamp_seconds',
    help: 'When a backup was last restored and found to be good, seconds since the epoch.',
    value: (_, backups) => latest(backups.map(({ status }) => status?.lastVerified)),
  },
];

const escape = (value: string): string => value.replace(/[\\"\n]/g, (found) => (found === '\n' ? '\\n' : `\\${found}`));

/** Exposition text, each line ended. */
export function renderDatabases({ databases, backups }: KnownObjects): string {
  const keyOf = (namespace: string | undefined, name: string): string => `${namespace ?? ''}/${name}`;
  const byDatabase = Map.groupBy(backups, ({ metadata, spec }) =>
    keyOf(spec.databaseRef.namespace ?? metadata.namespace, spec.databaseRef.name),
  );
  const lines: string[] = [];
  for (const { name, help, value, labels } of databaseSeries) {
    lines.push(`# HELP ${prefix}${name} ${help}`, `# TYPE ${prefix}${name} gauge`);
    for (const database of databases) {
      const { metadata } = database;
      const own = labels === undefined ? {} : labels(database);
      const sample = value(database, byDatabase.get(keyOf(metadata.namespace, metadata.name)) ?? []);
      if (own === undefined || sample === undefined) continue;
      const all = { database_namespace: metadata.namespace ?? '', database: metadata.name, ...own };
      const text = Object.entries(all).map(([key, text]) => `${key}="${escape(text)}"`);
      lines.push(`${prefix}${name}{${text.join(',')}} ${sample}`);
    }
  }
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}
