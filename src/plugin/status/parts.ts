/** Storage, backups and users in words. */
import type { Database, DatabaseBackup, DatabaseUser } from '../../api/types.generated.ts';
import { defaultRetention, defaultSchedule } from '../../desired/backup-orders.ts';
import { bytesOf, formatBytes } from '../../values/quantity-use.ts';
import { columns, relative, type Cell, type Style } from '../style.ts';
import type { StatusState } from './state.ts';

/** `20Gi for each member, class fast; 8.1Gi used on the fullest (41%)` */
export function storageWords({ spec, status }: Database): string {
  const wanted = spec.storage?.size ?? spec.size;
  const size = status?.storage?.capacity ?? wanted;
  if (size === undefined) return '';
  const { storageClass } = spec.storage ?? {};
  return [
    `${size} for each member`,
    storageClass === undefined ? '' : `, class ${storageClass}`,
    (bytesOf(wanted) ?? 0) > (bytesOf(size) ?? 0) ? `, growing to ${wanted ?? ''}` : '',
    useWords(status?.storage?.used, size),
  ].join('');
}

function useWords(used: string | number | undefined, size: string | number): string {
  const [taken, total] = [bytesOf(used), bytesOf(size)];
  if (taken === undefined || total === undefined || total === 0) return '';
  return `; ${readable(taken)} used on the fullest (${Math.round((taken / total) * 100)}%)`;
}

const binary = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi'];

/** Rounded for reading: `8.1Gi`. */
function readable(bytes: number): string {
  const power = bytes < 1024 ? 0 : Math.min(binary.length - 1, Math.floor(Math.log2(bytes) / 10));
  const amount = bytes / 1024 ** power;
  return power === 0
    ? formatBytes(bytes)
    : `${amount < 10 ? amount.toFixed(1) : Math.round(amount)}${binary[power] ?? ''}`;
}

export const readableQuantity = (quantity: string | number | undefined): string => {
  const bytes = bytesOf(quantity);
  return bytes === undefined ? '' : readable(bytes);
};

/** Newest first; those that do not run yet at the top. */
const shownBackups = 5;

export function backupLines({ database, backups }: StatusState, now: Date, style: Style): readonly string[] {
  const rows = backups.toSorted((a, b) => startOf(b).localeCompare(startOf(a))).map((backup) => backupRow(backup, now));
  const regular = regularBackups(database, now);
  if (regular === undefined && rows.length === 0) {
    return [style('warn', '  none: spec.backup.enabled is false and no DatabaseBackup names this Database')];
  }
  const more = rows.length - shownBackups;
  return [
    ...(regular === undefined ? [] : [`  ${regular}`]),
    ...columns(rows.slice(0, shownBackups), style),
    ...(more > 0 ? [style('dim', `  and ${more} more: kubectl get databasebackups`)] : []),
  ];
}

const startOf = ({ status, metadata }: DatabaseBackup): string => status?.start ?? metadata.creationTimestamp ?? '';

function regularBackups({ spec, status }: Database, now: Date): string | undefined {
  const { backup } = spec;
  if (backup?.enabled !== true) return undefined;
  const { lastBackup, nextBackup } = status?.backupStatus ?? {};
  const { schedule = defaultSchedule, timeZone = 'UTC', retention = defaultRetention } = backup;
  const kept = /^\d+$/.test(String(retention)) ? `the last ${retention} are kept` : `kept ${retention}`;
  return [
    `"${schedule}" ${timeZone}, ${kept}`,
    lastBackup === undefined ? 'none has succeeded yet' : `last good one ${relative(lastBackup, now)}`,
    ...(nextBackup === undefined ? [] : [`next ${relative(nextBackup, now)}`]),
  ].join('; ');
}

const tones = { Completed: 'good', Failed: 'bad' } as const;

function backupRow({ metadata, spec, status }: DatabaseBackup, now: Date) {
  const phase = status?.phase ?? 'not seen yet';
  const tone = phase in tones ? tones[phase as keyof typeof tones] : undefined;
  return [
    `  ${metadata.name}`,
    tone === undefined ? phase : { text: phase, tone },
    readableQuantity(status?.size),
    relative(status?.end ?? status?.start, now),
    spec.schedule === undefined ? '' : `"${spec.schedule}" ${spec.timeZone ?? 'UTC'}`,
    status?.nextBackup === undefined ? '' : `next ${relative(status.nextBackup, now)}`,
    status?.lastVerified === undefined ? '' : `verified ${relative(status.lastVerified, now)}`,
  ];
}

export const userRows = ({ users }: StatusState): readonly (readonly Cell[])[] =>
  users
    .toSorted((a, b) => a.metadata.name.localeCompare(b.metadata.name))
    .map((user) => [
      `  ${user.status?.username ?? user.spec.username ?? user.metadata.name}`,
      phaseCell(user),
      rights(user),
      user.status?.secretName === undefined ? '' : `Secret ${user.status.secretName}`,
      user.status?.expiresAt === undefined ? '' : `expires ${user.status.expiresAt.slice(0, 10)}`,
    ]);

function phaseCell({ status }: DatabaseUser) {
  const phase = status?.phase ?? 'not seen yet';
  if (phase === 'Ready') return { text: phase, tone: 'good' } as const;
  return phase === 'Failed' || phase === 'Expired' ? ({ text: phase, tone: 'bad' } as const) : phase;
}

/** `readwrite on orders; SELECT on public.items` */
const rights = ({ spec }: DatabaseUser): string =>
  (spec.privileges ?? [])
    .map(({ preset, grant = [], database, schema, table, collection, keyPattern }) => {
      const on = [database, schema, table ?? collection, keyPattern].filter((part) => part !== undefined).join('.');
      return `${preset ?? grant.join(', ')}${on === '' ? '' : ` on ${on}`}`;
    })
    .join('; ');
