/** What backup pods are told: orders made from the spec. Deadlines and schedules of their Jobs besides. */
import type { BackupOrder, BackupRetention } from '../api/backup-order.ts';
import type { Database } from '../api/types.generated.ts';
import { applicationDatabase, applicationUser } from '../engines/application.ts';
import type { Engine } from '../engines/engine.ts';
import { credentialsDirectory } from '../engines/mounts.ts';
import { parseCron, shortestGapSeconds } from '../values/cron.ts';
import { parseRetention } from '../values/duration.ts';
import { applicationDirectory, encryptionKeyFile, storageOf, type BackupPlace } from './backup-pod.ts';
import { headlessService, podName, primaryService, serviceHost } from './names.ts';

export const defaultSchedule = '0 2 * * *';
export const defaultRetention = '30d';
const day = 86_400;
const hour = 3_600;

/** What every order about the backups of `database` has in common. */
export function orderFor(
  verb: BackupOrder['verb'],
  database: Database,
  engine: Engine | undefined,
  place: BackupPlace,
  who?: string,
): BackupOrder {
  const { name, namespace = 'default', uid = '' } = database.metadata;
  return {
    version: 1,
    verb,
    database: { namespace, name, uid },
    engine: engine?.name ?? database.spec.engine ?? '',
    storage: storageOf(place),
    ...(place.s3?.prefix !== undefined && { prefix: place.s3.prefix }),
    ...(place.encryptionSecret !== undefined && { encryptionKeyFile }),
    ...(who !== undefined && { who }),
    ...(engine && { application: application(database, engine) }),
  };
}

const application = (database: Database, engine: Engine): NonNullable<BackupOrder['application']> => ({
  database: applicationDatabase(database, engine),
  username: applicationUser(database, engine),
});

export interface BackupWish {
  readonly place: BackupPlace;
  readonly who?: string;
  /** Absent: nothing is removed. */
  readonly retention?: string | number;
  /** A copy of the files too. */
  readonly files?: boolean;
  readonly clusterDomain?: string | undefined;
}

/** A backup taken through the Service of the primary. The application's Secret goes only into an encrypted one. */
export function backupOrder(database: Database, engine: Engine, wish: BackupWish): BackupOrder {
  const host = serviceHost(primaryService(database.metadata.name), database, wish.clusterDomain);
  return {
    ...orderFor('backup', database, engine, wish.place, wish.who),
    server: { host, port: engine.port, credentialsDirectory },
    ...(wish.retention !== undefined && { retention: retentionOf(wish.retention) }),
    ...(wish.place.encryptionSecret !== undefined && { applicationSecretDirectory: applicationDirectory }),
    ...(wish.files === true && { files: true }),
    spec: keptSpec(database),
  };
}

/** What a Database that is made from the manifest leaves behind: where this one came from, and that it rests just now. */
const leftBehind: ReadonlySet<string> = new Set(['bootstrap', 'paused', 'hibernate']);

const keptSpec = ({ spec }: Database): Database['spec'] =>
  Object.fromEntries(Object.entries(spec).filter(([field]) => !leftBehind.has(field)));

export interface RestoreWish {
  readonly place: BackupPlace;
  /** Where the backup was taken from, and its name. */
  readonly source: { readonly namespace: string; readonly name: string; readonly backup: string };
  readonly clusterDomain?: string | undefined;
}

/** Into the first member, by its own name: no Service leads to it yet. */
export function restoreOrder(database: Database, engine: Engine, wish: RestoreWish): BackupOrder {
  const { name } = database.metadata;
  const service = `${podName(name, 0)}.${headlessService(name)}`;
  return {
    ...inspectOrder(database, engine, wish),
    verb: 'restore',
    server: { host: serviceHost(service, database, wish.clusterDomain), port: engine.port, credentialsDirectory },
    applicationSecretDirectory: applicationDirectory,
  };
}

export function inspectOrder(database: Database, engine: Engine, { place, source }: RestoreWish): BackupOrder {
  const { namespace, name, backup } = source;
  const moment = database.spec.bootstrap?.recovery.targetTime;
  const from = { database: { namespace, name, uid: '' }, backup, ...(moment !== undefined && { moment }) };
  return { ...orderFor('inspect', database, engine, place), ...from };
}

/** Onto the volume of the first member, which no server may mount meanwhile. */
export const recoverOrder = (database: Database, engine: Engine, wish: RestoreWish): BackupOrder => ({
  ...inspectOrder(database, engine, wish),
  verb: 'recover',
});

/** The log as the primary writes it, to where the backups of spec.backup lie. */
export function archiveOrder(database: Database, engine: Engine, { place, clusterDomain }: BackupWish): BackupOrder {
  const host = serviceHost(primaryService(database.metadata.name), database, clusterDomain);
  return {
    ...orderFor('archive', database, engine, place),
    server: { host, port: engine.port, credentialsDirectory },
  };
}

function retentionOf(text: string | number): BackupRetention {
  const written = parseRetention(text);
  return written.ok ? written.value : { keep: 'age', seconds: 30 * day };
}

/**
 * How long one backup may take. A backup that hangs holds up the next ones (two at a time would load the server twice, and
 * replacing a slow one by the next would end every one of them), so it ends after a few of its own periods.
 */
export function longestBackupSeconds(schedule: string | undefined): number {
  const parsed = parseCron(schedule ?? defaultSchedule);
  const period = parsed.ok ? shortestGapSeconds(parsed.schedule) : undefined;
  return schedule === undefined || period === undefined ? day : Math.min(day, Math.max(hour, 4 * period));
}

/** Tries of one backup after the first: the next schedule is not far. */
export const backupRetries = 3;

/** Frame of every CronJob; `template` is the metadata and spec of its Jobs. */
export const cronJobSpec = (
  when: { readonly schedule: string; readonly timeZone: string | undefined; readonly suspend: boolean },
  template: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> => ({
  schedule: when.schedule,
  timeZone: when.timeZone ?? 'Etc/UTC',
  concurrencyPolicy: 'Forbid',
  suspend: when.suspend,
  startingDeadlineSeconds: hour,
  successfulJobsHistoryLimit: 3,
  failedJobsHistoryLimit: 3,
  jobTemplate: template,
});
