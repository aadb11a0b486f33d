/** CronJob `<name>-backup` and the volume that it writes to. */
import type { KubernetesObject } from '../api/object.ts';
import { CronJob, PersistentVolumeClaim } from '../api/resources.ts';
import type { Database } from '../api/types.generated.ts';
import type { EngineRuntime } from '../engines/engine.ts';
import { backupDirectory, credentialsDirectory, scriptsDirectory } from '../engines/mounts.ts';
import { parseRetention } from '../values/duration.ts';
import { bytesOf, formatBytes } from '../values/quantity-use.ts';
import { defaultSize, storageSize } from './configmaps.ts';
import { child, dataGoesWithOwner, type Input } from './context.ts';
import { labelsOf } from './labels.ts';
import { backupClaimName, backupName, internalSecretName, primaryService, scriptsName } from './names.ts';
import { schedulingKnobs } from './pod-scheduling.ts';
import { containerSecurity, podSecurity, secretMode } from './pod-template.ts';
import { superuserKey } from './secret.ts';

export const defaultSchedule = '0 2 * * *';
export const defaultRetention = '30d';
/** A backup that hangs must not keep the next ones from starting. */
const longestBackupSeconds = 86_400;

/** S3 destinations need the backup agent, which this release does not have. */
export const backsUpToVolume = (database: Database): boolean =>
  database.spec.backup?.enabled === true && database.spec.backup.destination?.s3 === undefined;

export function backupClaim(input: Input): KubernetesObject {
  const { database } = input;
  const pvc = database.spec.backup?.destination?.pvc;
  const spec = {
    accessModes: ['ReadWriteOnce'],
    ...(pvc?.storageClass !== undefined && { storageClassName: pvc.storageClass }),
    resources: { requests: { storage: String(pvc?.size ?? twice(storageSize(database))) } },
  };
  const options = { component: 'backup', owned: dataGoesWithOwner(database) } as const;
  return child(input, PersistentVolumeClaim, backupClaimName(database.metadata.name), { spec }, options);
}

const twice = (size: string): string => formatBytes(2 * (bytesOf(size) ?? bytesOf(defaultSize) ?? 0));

export function backupCronJob(input: Input, runtime: EngineRuntime): KubernetesObject {
  const { database, engine } = input;
  const backup = database.spec.backup;
  const metadata = { labels: labelsOf(database, engine, 'backup') };
  const spec = {
    schedule: backup?.schedule ?? defaultSchedule,
    timeZone: backup?.timeZone ?? 'Etc/UTC',
    concurrencyPolicy: 'Forbid',
    suspend: database.spec.hibernate === true,
    startingDeadlineSeconds: 3600,
    successfulJobsHistoryLimit: 3,
    failedJobsHistoryLimit: 3,
    jobTemplate: {
      metadata,
      spec: {
        backoffLimit: 2,
        activeDeadlineSeconds: longestBackupSeconds,
        template: { metadata, spec: backupPod(database, runtime) },
      },
    },
  };
  return child(input, CronJob, backupName(database.metadata.name), { spec }, { component: 'backup' });
}

/** What the script keeps: so many backups, or those younger than so many seconds; the other is 0. */
function retention(database: Database): readonly Readonly<Record<string, unknown>>[] {
  const written = parseRetention(database.spec.backup?.retention ?? defaultRetention);
  const kept = written.ok ? written.value : { keep: 'age' as const, seconds: 30 * 86_400 };
  return [
    { name: 'KEEP_COUNT', value: String(kept.keep === 'count' ? kept.count : 0) },
    { name: 'KEEP_SECONDS', value: String(kept.keep === 'age' ? kept.seconds : 0) },
  ];
}

function backupPod(database: Database, runtime: EngineRuntime): Readonly<Record<string, unknown>> {
  const { name } = database.metadata;
  const { image, runAsUser } = runtime.podParts(database);
  const key = { key: superuserKey, path: superuserKey };
  return {
    restartPolicy: 'Never',
    serviceAccountName: name,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: podSecurity(runAsUser),
    ...schedulingKnobs(database),
    containers: [
      {
        name: 'backup',
        image,
        imagePullPolicy: 'IfNotPresent',
        command: ['sh', `${scriptsDirectory}/backup.sh`],
        env: [
          { name: 'BACKUP_HOST', value: primaryService(name) },
          { name: 'BACKUP_DIRECTORY', value: `${backupDirectory}/${name}` },
          ...retention(database),
        ],
        resources: { requests: { cpu: '50m', memory: '64Mi' } },
        securityContext: containerSecurity,
        volumeMounts: [
          { name: 'backup', mountPath: backupDirectory },
          { name: 'scripts', mountPath: scriptsDirectory, readOnly: true },
          { name: 'credentials', mountPath: credentialsDirectory, readOnly: true },
          { name: 'tmp', mountPath: '/tmp' },
        ],
      },
    ],
    volumes: [
      { name: 'backup', persistentVolumeClaim: { claimName: backupClaimName(name) } },
      { name: 'scripts', configMap: { name: scriptsName(name) } },
      {
        name: 'credentials',
        secret: { secretName: internalSecretName(name), defaultMode: secretMode, items: [key] },
      },
      { name: 'tmp', emptyDir: {} },
    ],
  };
}
