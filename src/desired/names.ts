/** Names of what a Database becomes. They are fixed: other tools rely on them. */
import type { Database } from '../api/types.generated.ts';

export const primaryService = (name: string): string => `${name}-primary`;
export const readonlyService = (name: string): string => `${name}-readonly`;
export const headlessService = (name: string): string => `${name}-headless`;
export const configMapName = (name: string): string => `${name}-config`;
export const scriptsName = (name: string): string => `${name}-scripts`;
export const topologyName = (name: string): string => `${name}-topology`;
/** What the engine's container of a backup pod runs, in `<name>-scripts`. */
export const engineScript = 'backup-engine.sh';
/** What Velero runs in a server's pod before it takes a snapshot of the volume. */
export const flushScript = 'flush.sh';
/** For applications. */
export const secretName = (name: string): string => `${name}-secret`;
/** For the operator and the pods. */
export const internalSecretName = (name: string): string => `${name}-internal`;
export const backupName = (name: string): string => `${name}-backup`;
export const backupClaimName = (name: string): string => `${name}-backup-pvc`;
export const finalBackupName = (name: string): string => `${name}-final-backup`;
/** Jobs that bring data from a backup: one reads what the backup says of itself, the other loads it. */
export const recoveryInspectName = (name: string): string => `${name}-recovery-inspect`;
/** Deployment that stores the log of changes. */
export const logName = (name: string): string => `${name}-log`;
export const recoveryName = (name: string): string => `${name}-recovery`;
export const monitorName = (name: string): string => `${name}-monitor`;
/** Of a Database whose DatabaseMonitor has its exporters in a pod of their own. */
export const exporterName = (name: string): string => `${name}-exporter`;
export const dashboardName = (name: string): string => `${name}-dashboard`;

export const podName = (name: string, ordinal: number): string => `${name}-${ordinal}`;
/** Claim that the StatefulSet makes from its template `data`. */
export const claimName = (name: string, ordinal: number): string => claimNameOf(podName(name, ordinal));
export const claimNameOf = (pod: string): string => `data-${pod}`;

export const fieldManager = 'database-operator';
export const finalizer = 'database.example.com/finalizer';
/** On pods and on the pod template: a pod whose value differs from the template's is due for a restart. */
export const podHashAnnotation = 'database.example.com/pod-hash';
/** Beginning of the annotations that Velero reads on pods: container, command, timeout, on-error. */
export const hookPrefix = 'pre.hook.backup.velero.io/';
/** On the pod template: the settings that a running server can't take over. */
export const restartConfigAnnotation = 'database.example.com/restart-config';
/** On every child, and on pods and claims: the Database it belongs to. */
export const nameLabel = 'database.example.com/name';
/** On what a DatabaseUser, DatabaseBackup and so on becomes: which object it belongs to, wherever it lies itself. */
export const ownerKindLabel = 'database.example.com/owner-kind';
export const ownerNameLabel = 'database.example.com/owner-name';
export const ownerNamespaceLabel = 'database.example.com/owner-namespace';
/** On the pods of such exporters: name of the Database, which lets them in. */
export const exporterLabel = 'database.example.com/exporter-of';
/** On pods that must reach the servers of a Database and don't belong to it: the Database's name. */
export const reachesLabel = 'database.example.com/reaches';
/** On backup pods: what they are to do, read by the agent. */
export const orderAnnotation = 'database.example.com/backup-order';
/** Which of the four Services it is: `default`, `primary`, `readonly`, `headless`. */
export const serviceLabel = 'database.example.com/service';
/** On a Database: name of the pod that is to become primary, or `any`; taken off when it is done or refused. */
export const switchoverAnnotation = 'database.example.com/switchover';
/** On pods: `primary` or `replica`. */
export const roleLabel = 'role';

const defaultDomain = 'cluster.local';

/** `orders-primary.shop.svc.cluster.local` */
export const serviceHost = (service: string, database: Database, domain = defaultDomain): string =>
  `${service}.${database.metadata.namespace ?? 'default'}.svc.${domain}`;
