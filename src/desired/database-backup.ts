/**
 * What a DatabaseBackup becomes. All of it lies in the Database's namespace, wherever the DatabaseBackup itself is: that is
 * where the superuser's password is, and it goes nowhere else.
 */
import type { KubernetesObject, Resource } from '../api/object.ts';
import { apiVersion, CronJob, DatabaseBackup as BackupResource, Job, PersistentVolumeClaim } from '../api/resources.ts';
import type { Database, DatabaseBackup } from '../api/types.generated.ts';
import type { Engine } from '../engines/engine.ts';
import { parseDuration } from '../values/duration.ts';
import { claimSpec } from './backup.ts';
import {
  backupOrder,
  backupRetries,
  cronJobSpec,
  defaultRetention,
  defaultSchedule,
  longestBackupSeconds,
  orderFor,
} from './backup-orders.ts';
import { backupJobSpec, type BackupPlace, type BackupPod, type JobLimits } from './backup-pod.ts';
import { stableHash } from './hash.ts';
import type { Labels } from './labels.ts';
import { fieldManager, ownerKindLabel, ownerNameLabel, ownerNamespaceLabel, reachesLabel } from './names.ts';

export interface BackupInput {
  readonly backup: DatabaseBackup;
  readonly database: Database;
  readonly engine: Engine;
  readonly agentImage: string;
  readonly clusterDomain?: string | undefined;
}

type Named = Pick<DatabaseBackup, 'metadata' | 'spec'>;

export const namespaceOf = ({ metadata, spec }: Named): string =>
  spec.databaseRef.namespace ?? metadata.namespace ?? 'default';

export const isForeign = (backup: Named): boolean => namespaceOf(backup) !== (backup.metadata.namespace ?? 'default');

/** In another namespace the name alone would not do: two DatabaseBackups of one name may mean the same Database. */
function base(backup: Named): string {
  const { name, namespace } = backup.metadata;
  return isForeign(backup) ? `${name.slice(0, 33)}-${stableHash([namespace, name]).slice(0, 8)}` : name;
}

/**
 * Under this its backups are stored, kept and removed. The name alone would be that of a DatabaseBackup beside the Database,
 * whose backups in the same bucket would go by this one's retention and end.
 */
const whoOf = base;

export const scheduleName = (backup: Named): string => `${base(backup)}-dbbackup`;
export const verifyName = (backup: Named): string => `${base(backup)}-dbverify`;
export const pruneName = (backup: Named): string => `${base(backup)}-dbprune`;
export const claimOf = (backup: Named): string => `${base(backup)}-dbbackup-pvc`;
/** One Job for each backup that is verified. */
export const verifyJobName = (backup: Named, location: string): string =>
  `${verifyName(backup)}-${stableHash(location).slice(0, 8)}`;

export function placeOf(backup: DatabaseBackup): BackupPlace {
  const { destination, encryptionSecret } = backup.spec;
  return {
    ...(destination?.s3 === undefined ? { claim: claimOf(backup) } : { s3: destination.s3 }),
    ...(encryptionSecret !== undefined && { encryptionSecret }),
  };
}

const ownLabels = ({ metadata }: Named): Labels => ({
  'app.kubernetes.io/component': 'backup',
  'app.kubernetes.io/part-of': fieldManager,
  'app.kubernetes.io/managed-by': fieldManager,
  [ownerKindLabel]: 'DatabaseBackup',
  [ownerNameLabel]: metadata.name,
  [ownerNamespaceLabel]: metadata.namespace ?? 'default',
});

const podLabels = (backup: Named): Labels => ({
  ...ownLabels(backup),
  'app.kubernetes.io/name': 'database-backup',
  [reachesLabel]: backup.spec.databaseRef.name,
});

/** Owner references don't cross namespaces; what has none is removed by the finalizer. */
function frame(backup: Named, resource: Resource, name: string, spec: unknown, owned = true): KubernetesObject {
  const { uid = '' } = backup.metadata;
  const owner = { apiVersion: apiVersion(BackupResource), kind: 'DatabaseBackup', name: backup.metadata.name, uid };
  return {
    apiVersion: apiVersion(resource),
    kind: resource.kind,
    metadata: {
      name,
      namespace: namespaceOf(backup),
      labels: ownLabels(backup),
      ...(owned && !isForeign(backup) && { ownerReferences: [{ ...owner, controller: true }] }),
    },
    spec,
  };
}

const podOf = (input: BackupInput, order: BackupPod['order']): BackupPod => ({
  database: input.database,
  engine: input.engine,
  order,
  place: placeOf(input.backup),
  agentImage: input.agentImage,
  labels: podLabels(input.backup),
});

/** Stored backups outlive the object unless it says otherwise, and then they go one by one, never with an owner. */
export const backupVolume = ({ backup, database }: Pick<BackupInput, 'backup' | 'database'>): KubernetesObject =>
  frame(backup, PersistentVolumeClaim, claimOf(backup), claimSpec(database, backup.spec.destination?.pvc), false);

/** Spec of the Job that makes a backup. */
function backupSpec(input: BackupInput, limits: JobLimits): Readonly<Record<string, unknown>> {
  const { backup, database, engine, clusterDomain } = input;
  const wish = { place: placeOf(backup), who: whoOf(backup), clusterDomain };
  // A single backup removes no other.
  const { schedule, retention = defaultRetention } = backup.spec;
  const order = backupOrder(database, engine, { ...wish, ...(schedule !== undefined && { retention }) });
  return backupJobSpec(podOf(input, order), limits);
}

export const singleJob = (input: BackupInput): KubernetesObject =>
  frame(
    input.backup,
    Job,
    scheduleName(input.backup),
    backupSpec(input, { deadlineSeconds: longestBackupSeconds(undefined), retries: backupRetries }),
  );

export function scheduleCronJob(input: BackupInput): KubernetesObject {
  const { backup, database } = input;
  const { schedule = defaultSchedule, timeZone, suspend = false } = backup.spec;
  const limits = { deadlineSeconds: longestBackupSeconds(schedule), retries: backupRetries };
  const when = { schedule, timeZone, suspend: suspend || database.spec.hibernate === true };
  const template = { metadata: { labels: ownLabels(backup) }, spec: backupSpec(input, limits) };
  return frame(backup, CronJob, scheduleName(backup), cronJobSpec(when, template));
}

const defaultTimeoutMs = 6 * 3_600_000;
/** Finished verifications can be looked at for a day. */
const verifyKeptSeconds = 86_400;

/** Spec of the Job that restores `which` (a backup's name, or `latest`) into a throw-away server. */
function verifySpec(input: BackupInput, which: string): Readonly<Record<string, unknown>> {
  const { backup, database, engine } = input;
  const { verify = {} } = backup.spec;
  const timeout = parseDuration(verify.timeout ?? '');
  const seconds = Math.ceil((timeout.ok ? timeout.value : defaultTimeoutMs) / 1000);
  const order = {
    ...orderFor('verify', database, engine, placeOf(backup), whoOf(backup)),
    backup: which,
    budget: { seconds },
    ...(verify.assertions !== undefined && { assertions: verify.assertions }),
  };
  const scratch = { size: verify.storage?.size, storageClass: verify.storage?.storageClass };
  // The agent ends by itself when the time is up, and says so; the Job's own end is for an agent that hangs.
  const limits = { deadlineSeconds: seconds + 300, retries: 1, keptSeconds: verifyKeptSeconds };
  return backupJobSpec({ ...podOf(input, order), scratch }, limits);
}

export const verifyJob = (input: BackupInput, location: string): KubernetesObject =>
  frame(
    input.backup,
    Job,
    verifyJobName(input.backup, location),
    verifySpec(input, location.split('/').at(-1) ?? 'latest'),
  );

export function verifyCronJob(input: BackupInput): KubernetesObject {
  const { backup } = input;
  const { suspend = false, timeZone, verify } = backup.spec;
  const when = { schedule: verify?.schedule ?? defaultSchedule, timeZone, suspend };
  const template = { metadata: { labels: ownLabels(backup) }, spec: verifySpec(input, 'latest') };
  return frame(backup, CronJob, verifyName(backup), cronJobSpec(when, template));
}

const pruneSeconds = 1800;

/** Removes every stored backup of this object. The Database may be gone already. */
export function pruneJob(
  backup: DatabaseBackup,
  database: Database | undefined,
  engine: Engine | undefined,
  agentImage: string,
): KubernetesObject {
  const place = placeOf(backup);
  const gone = { metadata: { name: backup.spec.databaseRef.name, namespace: namespaceOf(backup) }, spec: {} };
  const subject: Database = database ?? { apiVersion: 'example.com/v1', kind: 'Database', ...gone };
  const order = { ...orderFor('prune', subject, engine, place, whoOf(backup)), all: true };
  const pod = { database: subject, engine: database && engine, order, place, agentImage, labels: podLabels(backup) };
  const limits = { deadlineSeconds: pruneSeconds, retries: 2 };
  return frame(backup, Job, pruneName(backup), backupJobSpec(pod, limits), false);
}
