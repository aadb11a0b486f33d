/** What is known of the regular backups: from the CronJob that makes them. */
import type { KubernetesObject } from '../api/object.ts';
import type { BackupTimes, Database } from '../api/types.generated.ts';
import { timestamp } from '../api/conditions.ts';
import { defaultSchedule } from '../desired/backup.ts';
import { next, parseCron } from '../values/cron.ts';
import type { Verdict } from './conditions.ts';

interface CronJobStatus {
  readonly lastScheduleTime?: string;
  readonly lastSuccessfulTime?: string;
  readonly active?: readonly unknown[];
}

const statusOf = (cronJob: KubernetesObject | undefined): CronJobStatus => cronJob?.['status'] ?? {};

/** The next start counts from the last one, so that it is the same in every pass until the next backup starts. */
export function backupTimes(
  database: Database,
  cronJob: KubernetesObject | undefined,
  now: Date,
): BackupTimes | undefined {
  const { backup, hibernate } = database.spec;
  if (backup?.enabled !== true) return undefined;
  const { lastSuccessfulTime } = statusOf(cronJob);
  const nextBackup = hibernate === true || cronJob === undefined ? undefined : nextStart(database, now);
  return {
    ...(lastSuccessfulTime !== undefined && { lastBackup: lastSuccessfulTime }),
    ...(nextBackup !== undefined && { nextBackup }),
  };
}

function nextStart(database: Database, now: Date): string | undefined {
  const { schedule = defaultSchedule, timeZone } = database.spec.backup ?? {};
  const parsed = parseCron(schedule);
  // An interval counts from the CronJob's own starts, which are not known here.
  if (!parsed.ok || schedule.startsWith('@every')) return undefined;
  const at = next(parsed.schedule, now, timeZone);
  return at === undefined ? undefined : timestamp(at);
}

export function backupVerdict(database: Database, cronJob: KubernetesObject | undefined): readonly Verdict[] {
  const { backup, hibernate } = database.spec;
  if (backup?.enabled !== true) return [];
  const no = (reason: string, message: string): Verdict[] => [
    { type: 'BackupReady', status: 'False', reason, message },
  ];
  if (backup.destination?.s3 !== undefined) {
    return no('DestinationNotSupported', 'this release backs up to volumes only: use spec.backup.destination.pvc');
  }
  if (cronJob === undefined) return no('NotScheduled', 'the CronJob does not exist yet');
  if (hibernate === true) return no('Hibernated', 'no backups are made while the database hibernates');
  const { lastScheduleTime, lastSuccessfulTime, active = [] } = statusOf(cronJob);
  if (lastScheduleTime === undefined) return [ready('Scheduled', 'the first backup has not started yet')];
  if (lastSuccessfulTime !== undefined && lastSuccessfulTime >= lastScheduleTime) {
    return [ready('LastBackupSucceeded', 'the last backup succeeded')];
  }
  if (active.length > 0) return [ready('BackupRunning', 'a backup is running')];
  return no('LastBackupFailed', `see its log: kubectl logs job/${cronJob.metadata.name}-… of the last run`);
}

const ready = (reason: string, message: string): Verdict => ({ type: 'BackupReady', status: 'True', reason, message });
