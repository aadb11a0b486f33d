/** What `spec.backup` becomes: CronJob `<name>-backup` and, where no bucket is named, the volume that it writes to. */
import type { KubernetesObject } from '../api/object.ts';
import { CronJob, Job, PersistentVolumeClaim } from '../api/resources.ts';
import type { Database, PvcDestination } from '../api/types.generated.ts';
import { bytesOf, formatBytes } from '../values/quantity-use.ts';
import {
  backupOrder,
  backupRetries,
  cronJobSpec,
  defaultRetention,
  defaultSchedule,
  longestBackupSeconds,
} from './backup-orders.ts';
import { backupJobSpec, type BackupPlace } from './backup-pod.ts';
import { defaultSize, storageSize } from './configmaps.ts';
import { child, dataGoesWithOwner, type Subject } from './context.ts';
import { labelsOf } from './labels.ts';
import { backupClaimName, backupName, finalBackupName } from './names.ts';

/** Where the backups of `spec.backup` lie. */
export function backupPlace({ metadata, spec }: Database): BackupPlace {
  const s3 = spec.backup?.destination?.s3;
  const encryptionSecret = spec.backup?.encryptionSecret;
  return {
    ...(s3 === undefined ? { claim: backupClaimName(metadata.name) } : { s3 }),
    ...(encryptionSecret !== undefined && { encryptionSecret }),
  };
}

export const backsUp = (database: Database): boolean => database.spec.backup?.enabled === true;

/** What is written between two backups is stored too: rule DB079 holds it to engines that have such a log, and to buckets. */
export const storesLog = ({ database, engine }: Pick<Subject, 'database' | 'engine'>): boolean =>
  backsUp(database) &&
  database.spec.backup?.pointInTime === true &&
  database.spec.backup.destination?.s3 !== undefined &&
  engine.runtime?.backup?.log !== undefined;

export const backsUpToVolume = (database: Database): boolean =>
  backsUp(database) && database.spec.backup?.destination?.s3 === undefined;

export function backupClaim(input: Subject): KubernetesObject {
  const { database } = input;
  const spec = claimSpec(database, database.spec.backup?.destination?.pvc);
  const options = { component: 'backup', owned: dataGoesWithOwner(database) } as const;
  return child(input, PersistentVolumeClaim, backupClaimName(database.metadata.name), { spec }, options);
}

/** Spec of a volume for backups of `database`: twice as large as its own unless a size is written. */
export const claimSpec = (database: Database, pvc: PvcDestination | undefined): Readonly<Record<string, unknown>> => ({
  accessModes: ['ReadWriteOnce'],
  ...(pvc?.storageClass !== undefined && { storageClassName: pvc.storageClass }),
  resources: { requests: { storage: String(pvc?.size ?? twice(storageSize(database))) } },
});

const twice = (size: string): string => formatBytes(2 * (bytesOf(size) ?? bytesOf(defaultSize) ?? 0));

/** Undefined where the agent's image is not known. */
export function backupCronJob(input: Subject): KubernetesObject | undefined {
  const { database, engine } = input;
  const jobSpec = jobOf(input, longestBackupSeconds(database.spec.backup?.schedule ?? defaultSchedule));
  if (jobSpec === undefined) return undefined;
  const { schedule = defaultSchedule, timeZone } = database.spec.backup ?? {};
  const spec = cronJobSpec(
    { schedule, timeZone, suspend: database.spec.hibernate === true },
    { metadata: { labels: labelsOf(database, engine, 'backup') }, spec: jobSpec },
  );
  return child(input, CronJob, backupName(database.metadata.name), { spec }, { component: 'backup' });
}

/** The last backup before the volumes go; undefined where the agent's image is not known. */
export function finalBackupJob(input: Subject, deadlineSeconds: number): KubernetesObject | undefined {
  const spec = jobOf(input, deadlineSeconds);
  const name = finalBackupName(input.database.metadata.name);
  return spec && child(input, Job, name, { spec }, { component: 'backup' });
}

function jobOf(
  { database, engine, context }: Subject,
  deadlineSeconds: number,
): Readonly<Record<string, unknown>> | undefined {
  if (context.agentImage === undefined) return undefined;
  const place = backupPlace(database);
  const retention = database.spec.backup?.retention ?? defaultRetention;
  const files = storesLog({ database, engine });
  const order = backupOrder(database, engine, { place, retention, files, clusterDomain: context.clusterDomain });
  const labels = labelsOf(database, engine, 'backup');
  // A plan that is only told needs no text of the order, which holds the whole spec: it compares orders as they are.
  const written = context.fingerprint;
  const pod = { database, engine, order, written, place, agentImage: context.agentImage, labels };
  return backupJobSpec(pod, { deadlineSeconds, retries: backupRetries });
}
