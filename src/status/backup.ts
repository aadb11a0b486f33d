/** What is known of regular backups: from the CronJob that starts them and from what their pods have said. */
import type { BackupResult } from '../api/backup-order.ts';
import type { KubernetesObject } from '../api/object.ts';
import type { BackupTimes, Database } from '../api/types.generated.ts';
import { timestamp } from '../api/conditions.ts';
import { defaultSchedule } from '../desired/backup-orders.ts';
import { next, parseCron } from '../values/cron.ts';
import { formatBytes } from '../values/quantity-use.ts';
import { complaintOf, reasonOf, type BackupRun } from './backup-runs.ts';
import type { Verdict } from './conditions.ts';

interface CronJobStatus {
  readonly lastScheduleTime?: string;
  readonly lastSuccessfulTime?: string;
  readonly active?: readonly unknown[];
}

const statusOf = (cronJob: KubernetesObject | undefined): CronJobStatus => cronJob?.['status'] ?? {};

/** When the CronJob starts the next one: counted so that it is the same in every pass until then. */
export function nextStart(
  cronJob: KubernetesObject | undefined,
  { schedule = defaultSchedule, timeZone }: { readonly schedule?: string; readonly timeZone?: string },
  now: Date,
): string | undefined {
  const parsed = parseCron(schedule);
  if (cronJob === undefined || !parsed.ok) return undefined;
  const at =
    parsed.schedule.kind === 'every'
      ? afterInterval(cronJob, parsed.schedule.seconds * 1000, now)
      : next(parsed.schedule, now, timeZone);
  return at === undefined ? undefined : timestamp(at);
}

/** An interval counts from the last start, and before the first from the CronJob's own beginning. */
function afterInterval(cronJob: KubernetesObject, period: number, now: Date): Date | undefined {
  const from = Date.parse(statusOf(cronJob).lastScheduleTime ?? cronJob.metadata.creationTimestamp ?? '');
  if (Number.isNaN(from)) return undefined;
  return new Date(from + Math.max(1, Math.ceil((now.getTime() - from + 1) / period)) * period);
}

export const lastGood = (runs: readonly BackupRun[]): BackupResult | undefined =>
  runs.find(({ result }) => result?.ok === true && result.verb === 'backup')?.result;

/** What is shown of a good backup. */
export const stored = ({ location, bytes }: BackupResult): { location?: string; size?: string } => ({
  ...(location !== undefined && { location }),
  ...(bytes !== undefined && { size: formatBytes(bytes) }),
});

/** `runs` are those of `spec.backup` only. Pods go after a while: what they said stays. */
export function backupTimes(
  database: Database,
  cronJob: KubernetesObject | undefined,
  runs: readonly BackupRun[],
  now: Date,
): BackupTimes | undefined {
  const { backup, hibernate } = database.spec;
  if (backup?.enabled !== true) return undefined;
  const before = database.status?.backupStatus ?? {};
  const good = lastGood(runs);
  const times = [before.lastBackup, statusOf(cronJob).lastSuccessfulTime, good?.endedAt].filter(isTime);
  const lastBackup = times
    .map((time) => timestamp(new Date(time)))
    .sort()
    .at(-1);
  const nextBackup = hibernate === true ? undefined : nextStart(cronJob, backup, now);
  const { location = before.location, size = before.size } = good === undefined ? {} : stored(good);
  return {
    ...(lastBackup !== undefined && { lastBackup }),
    ...(nextBackup !== undefined && { nextBackup }),
    ...(location !== undefined && { location }),
    ...(size !== undefined && { size }),
  };
}

const isTime = (time: string | undefined): time is string => time !== undefined && !Number.isNaN(Date.parse(time));

export interface BackupView {
  readonly cronJob: KubernetesObject | undefined;
  readonly runs: readonly BackupRun[];
  /** Deployment that stores the log between backups; absent: there is none. */
  readonly logArchive?: KubernetesObject | undefined;
  /** False: the operator does not know the image that makes backups. */
  readonly hasAgent: boolean;
}

export function backupVerdict(database: Database, view: BackupView): readonly Verdict[] {
  const { backup, hibernate } = database.spec;
  if (backup?.enabled !== true) return [];
  if (!view.hasAgent) return [no('AgentImageUnknown', agentMissing)];
  if (view.cronJob === undefined) return [no('NotScheduled', 'the CronJob does not exist yet')];
  if (hibernate === true) return [no('Hibernated', 'no backups are made while the database hibernates')];
  return [lastVerdict(view)];
}

export const agentMissing =
  'the operator does not know the image of its backup agent: start it with --agent-image (the chart does)';

export function lastVerdict({ cronJob, runs }: Pick<BackupView, 'cronJob' | 'runs'>): Verdict {
  const running = runs.find(({ result }) => result === undefined);
  if (running?.waits !== undefined) return no('BackupNotStarting', `${running.waits} (pod ${running.pod})`);
  const ended = runs.find(({ result }) => result !== undefined)?.result;
  if (ended?.ok === false) {
    const again = running === undefined ? '' : '; another try is running';
    return no(reasonOf(ended, 'LastBackupFailed'), `the last backup failed: ${complaintOf(ended)}${again}`);
  }
  if (running !== undefined) return ready('BackupRunning', 'a backup is running');
  return ended?.ok === true ? succeeded : fromCronJob(statusOf(cronJob));
}

/** Its pods are gone: the CronJob remembers the times. */
function fromCronJob({ lastScheduleTime, lastSuccessfulTime, active = [] }: CronJobStatus): Verdict {
  if (lastScheduleTime === undefined) return ready('Scheduled', 'the first backup has not started yet');
  if (lastSuccessfulTime !== undefined && lastSuccessfulTime >= lastScheduleTime) return succeeded;
  if (active.length > 0) return ready('BackupRunning', 'a backup is running');
  return no('LastBackupFailed', 'the last backup failed and its pod is gone; kubectl get events tells of its Job');
}

/** Its pod says so by its probe: it has stored all there was, or told the log why not. */
export function logVerdict({ spec }: Database, { logArchive }: BackupView): readonly Verdict[] {
  if (spec.backup?.enabled !== true || spec.backup.pointInTime !== true || spec.hibernate === true) return [];
  const { availableReplicas = 0 } = (logArchive?.['status'] ?? {}) as { availableReplicas?: number };
  const type = 'PointInTimeReady';
  if (availableReplicas > 0)
    return [{ type, status: 'True', reason: 'LogStored', message: 'the log is stored as it is written' }];
  const name = logArchive?.metadata.name;
  const message =
    name === undefined
      ? 'the Deployment that stores the log does not exist yet'
      : `the log is not stored just now: kubectl logs deployment/${name} tells why`;
  return [{ type, status: 'False', reason: 'LogNotStored', message }];
}

const verdict =
  (status: Verdict['status']) =>
  (reason: string, message: string): Verdict => ({ type: 'BackupReady', status, reason, message });
const ready = verdict('True');
const no = verdict('False');
const succeeded = ready('LastBackupSucceeded', 'the last backup succeeded');
