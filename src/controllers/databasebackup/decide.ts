/** Observed to decided, pure: what a DatabaseBackup becomes, when a Job is made for it, and what its status says. */
import { recheck } from '../../admission/decide.ts';
import { completeDatabase } from '../../admission/defaults.ts';
import { isTrue } from '../../api/conditions.ts';
import type { KubernetesObject } from '../../api/object.ts';
import { CronJob, Job, PersistentVolumeClaim, refOf } from '../../api/resources.ts';
import type { Database, DatabaseBackup } from '../../api/types.generated.ts';
import type { DesiredObject } from '../../desired/context.ts';
import * as desired from '../../desired/database-backup.ts';
import type { BackupInput } from '../../desired/database-backup.ts';
import { fieldManager, finalizer, ownerNameLabel, ownerNamespaceLabel } from '../../desired/names.ts';
import { plan } from '../../planning/plan.ts';
import type { Step } from '../../planning/step.ts';
import { agentMissing } from '../../status/backup.ts';
import type { BackupProblem } from '../../status/database-backup.ts';
import { backupEvents, databaseBackupStanding } from '../../status/database-backup.ts';
import { decideEnd } from './deletion.ts';
import type { BackupContext, BackupDecision, BackupObservation } from './observation.ts';

/** How soon to look again at something that no event will tell of. */
const LOOK_AGAIN_SECONDS = 30;

export function decideBackup(observation: BackupObservation, context: BackupContext): BackupDecision {
  const { stored, database } = observation;
  if (stored.metadata.deletionTimestamp !== undefined) return decideEnd(observation, context);
  const fields = [...new Set(recheck(stored, context).map(({ field }) => field))];
  if (fields.length > 0) {
    const message = `nothing is acted on until these fields are put right: ${fields.join(', ')}`;
    return report(observation, context, { reason: 'Invalid', message, fields });
  }
  if (database === undefined || database.metadata.deletionTimestamp !== undefined)
    return withoutDatabase(observation, context);
  const input = inputOf(stored, database, context);
  if ('reason' in input) return report(observation, context, input);
  if (needsFinalizer(stored) && !(stored.metadata.finalizers ?? []).includes(finalizer))
    return { finalizer: 'add', steps: [], events: [] };
  const conflict = observation.children.find((child) => !isOurs(child.object, stored));
  if (conflict !== undefined) {
    const { resource, object } = conflict;
    const message = `${resource.kind} ${object.metadata.name} exists and is not this DatabaseBackup’s: rename or delete it`;
    return report(observation, context, { reason: 'NameConflict', message });
  }
  return live(observation, context, input);
}

/** What lies in another namespace, or is to go with the object, is removed by us and not by the garbage collector. */
const needsFinalizer = (backup: DatabaseBackup): boolean =>
  desired.isForeign(backup) || backup.spec.deletionPolicy === 'Delete';

const isOurs = ({ metadata: { labels = {} } }: KubernetesObject, { metadata }: DatabaseBackup): boolean =>
  labels['app.kubernetes.io/managed-by'] === fieldManager &&
  labels[ownerNameLabel] === metadata.name &&
  labels[ownerNamespaceLabel] === metadata.namespace;

function report(
  observation: BackupObservation,
  context: BackupContext,
  problem: BackupProblem,
  steps: readonly Step[] = [],
): BackupDecision {
  const { status } = databaseBackupStanding({ ...observation, now: context.now, problem });
  return { steps, status, events: backupEvents(observation.stored, status), requeueAfterSeconds: LOOK_AGAIN_SECONDS };
}

/** Its CronJob would only fail: it is made again with the Database. */
function withoutDatabase(observation: BackupObservation, context: BackupContext): BackupDecision {
  const { name, namespace = observation.stored.metadata.namespace ?? '' } = observation.stored.spec.databaseRef;
  const message = `Database ${namespace}/${name} does not exist: no backups are made; those that were are kept`;
  const cronJobs = observation.children.filter(({ resource }) => resource.kind === 'CronJob');
  const steps = plan(
    { children: cronJobs.filter(({ object }) => isOurs(object, observation.stored)), pods: [], claims: [] },
    nothing,
  );
  return report(observation, context, { reason: 'DatabaseNotFound', message }, steps);
}

const nothing = { objects: [], storage: '0', primary: '' };

function inputOf(backup: DatabaseBackup, stored: Database, context: BackupContext): BackupInput | BackupProblem {
  const database = completeDatabase(stored);
  const engine = context.engineByName(database.spec.engine ?? '');
  const { agentImage, clusterDomain } = context;
  if (engine?.runtime === undefined)
    return { reason: 'EngineNotSupported', message: 'this release does not run the engine of the Database' };
  if (agentImage === undefined) return { reason: 'AgentImageUnknown', message: agentMissing };
  return { backup, database, engine, agentImage, clusterDomain };
}

function live(observation: BackupObservation, context: BackupContext, input: BackupInput): BackupDecision {
  const { stored, children } = observation;
  const { status, lookAgainSeconds } = databaseBackupStanding({
    ...observation,
    now: context.now,
    database: input.database,
  });
  const isOver = stored.spec.schedule === undefined && ['Completed', 'Failed'].includes(status.phase ?? '');
  const steps = [
    ...plan({ children, pods: [], claims: [] }, { ...nothing, objects: objectsOf(input, isOver) }).filter(
      (step) => step.action !== 'apply' || !context.isApplied(step, liveOf(observation, step)),
    ),
    ...(isOver ? [] : single(observation, input)),
    ...verification(observation, input, status.location),
  ];
  return {
    steps,
    status,
    events: backupEvents(stored, status),
    ...(lookAgainSeconds !== undefined && { requeueAfterSeconds: lookAgainSeconds }),
  };
}

const liveOf = ({ children }: BackupObservation, { ref }: Step): KubernetesObject | undefined =>
  children.find((child) => child.resource.kind === ref.resource.kind && child.object.metadata.name === ref.name)
    ?.object;

/** A volume that was removed after a single backup is not made again. */
function objectsOf(input: BackupInput, isOver: boolean): readonly DesiredObject[] {
  const { schedule, destination, verify } = input.backup.spec;
  const row = (resource: DesiredObject['resource'], object: KubernetesObject): DesiredObject => ({
    resource,
    object,
    ownership: 'apply',
  });
  return [
    ...(destination?.s3 === undefined && !isOver ? [row(PersistentVolumeClaim, desired.backupVolume(input))] : []),
    ...(schedule === undefined ? [] : [row(CronJob, desired.scheduleCronJob(input))]),
    ...(verify?.enabled === true && verify.schedule !== undefined ? [row(CronJob, desired.verifyCronJob(input))] : []),
  ];
}

const make = (object: KubernetesObject, why: string): Step => ({
  action: 'create',
  ref: refOf(Job, object),
  object,
  impact: 'none',
  why,
});

/** A backup of what has not begun yet, or stands still, would be none. */
function single({ jobs }: BackupObservation, input: BackupInput): readonly Step[] {
  const { backup, database } = input;
  const name = desired.scheduleName(backup);
  if (backup.spec.schedule !== undefined || jobs.some(({ metadata }) => metadata.name === name)) return [];
  return isTrue(database.status?.conditions, 'Ready') ? [make(desired.singleJob(input), 'the backup is made')] : [];
}

/** Each backup once; with a schedule of its own the CronJob sees to it. */
function verification(
  { stored, jobs }: BackupObservation,
  input: BackupInput,
  location: string | undefined,
): readonly Step[] {
  const { verify, suspend } = stored.spec;
  if (verify?.enabled !== true || verify.schedule !== undefined || suspend === true) return [];
  if (location === undefined || location === stored.status?.verifiedLocation) return [];
  const name = desired.verifyJobName(stored, location);
  const isGoing = jobs.some(({ metadata }) => metadata.name === name);
  return isGoing ? [] : [make(desired.verifyJob(input, location), `${location} is verified`)];
}
