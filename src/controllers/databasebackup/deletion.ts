/**
 * The end of a DatabaseBackup. Stored backups stay unless deletionPolicy says Delete; then what could still write goes
 * first, and after it the volume, or by a last Job what lies in the bucket. Whatever can't be removed is told and left:
 * the finalizer always ends.
 */
import { completeDatabase } from '../../admission/defaults.ts';
import type { KubernetesObject, Resource } from '../../api/object.ts';
import { Job, refOf } from '../../api/resources.ts';
import { claimOf, isForeign, placeOf, pruneJob, pruneName } from '../../desired/database-backup.ts';
import { finalizer } from '../../desired/names.ts';
import type { Step } from '../../planning/step.ts';
import { complaintOf, hasCondition as has, runsOf } from '../../status/backup-runs.ts';
import { databaseBackupStanding } from '../../status/database-backup.ts';
import type { BackupContext, BackupDecision, BackupObservation } from './observation.ts';

/** A removal that takes longer is given up. */
const LONGEST_PRUNE_SECONDS = 3600;
const POLL_SECONDS = 10;

export function decideEnd(observation: BackupObservation, context: BackupContext): BackupDecision {
  const { stored, namespaceEnding } = observation;
  if (!(stored.metadata.finalizers ?? []).includes(finalizer)) return { steps: [], events: [] };
  const deletes = stored.spec.deletionPolicy === 'Delete';
  if (namespaceEnding) return deletes ? left('the namespace is being deleted') : done;
  const writers = stops(observation);
  if (writers.length > 0 && (deletes || isForeign(stored)))
    return waits(observation, context, 'what could still write a backup is being removed', writers);
  if (!deletes) return done;
  return placeOf(stored).s3 === undefined ? removeClaim(observation) : prune(observation, context);
}

const done: BackupDecision = { finalizer: 'remove', steps: [], events: [] };

const left = (why: string): BackupDecision => ({
  finalizer: 'remove',
  steps: [],
  events: [{ type: 'Warning', reason: 'StoredBackupsKept', note: `stored backups are not removed: ${why}` }],
});

function waits(
  observation: BackupObservation,
  { now }: BackupContext,
  message: string,
  steps: readonly Step[] = [],
): BackupDecision {
  const { status } = databaseBackupStanding({ ...observation, now, problem: { reason: 'Deleting', message } });
  return { steps, status, events: [], requeueAfterSeconds: POLL_SECONDS };
}

function remove(resource: Resource, object: KubernetesObject, impact: 'none' | 'data-loss' = 'none'): Step {
  const { uid = '', name } = object.metadata;
  const why = `${resource.kind} ${name} goes with its DatabaseBackup`;
  return { action: 'delete', ref: refOf(resource, object), uid, propagationPolicy: 'Background', impact, why };
}

/** CronJobs first, so that nothing begins anew; a Job that ended long ago keeps nobody waiting. */
function stops({ stored, children, jobs, pods }: BackupObservation): readonly Step[] {
  const isGoing = ({ metadata }: KubernetesObject): boolean => metadata.deletionTimestamp !== undefined;
  const cronJobs = children.filter(({ resource, object }) => resource.kind === 'CronJob' && !isGoing(object));
  const other = jobs.filter((job) => job.metadata.name !== pruneName(stored) && !isGoing(job));
  const running = runsOf(pods).some(({ job, result }) => job !== pruneName(stored) && result === undefined);
  const steps = [
    ...cronJobs.map(({ resource, object }) => remove(resource, object)),
    ...other.map((job) => remove(Job, job)),
  ];
  const [any] = jobs.filter((job) => job.metadata.name !== pruneName(stored));
  return steps.length === 0 && running && any !== undefined ? [remove(Job, any)] : steps;
}

function removeClaim({ stored, children }: BackupObservation): BackupDecision {
  const claim = children.find(({ object }) => object.metadata.name === claimOf(stored));
  const note = 'the volume with the stored backups is deleted';
  return {
    finalizer: 'remove',
    steps: claim === undefined ? [] : [remove(claim.resource, claim.object, 'data-loss')],
    events: [{ type: 'Normal', reason: 'StoredBackupsDeleted', note }],
  };
}

function prune(observation: BackupObservation, context: BackupContext): BackupDecision {
  const { stored, database, jobs, pods } = observation;
  const { agentImage } = context;
  if (agentImage === undefined) return left('the operator does not know the image of its backup agent');
  const job = jobs.find(({ metadata }) => metadata.name === pruneName(stored));
  if (job === undefined) {
    const complete = database && completeDatabase(database);
    const engine = context.engineByName(complete?.spec.engine ?? '');
    const object = pruneJob(stored, complete, engine, agentImage);
    const why = 'stored backups are removed';
    return waits(observation, context, why, [
      { action: 'create', ref: refOf(Job, object), object, impact: 'data-loss', why },
    ]);
  }
  const said = runsOf(pods).find((run) => run.job === pruneName(stored))?.result;
  if (has(job, 'Complete')) {
    const note = `stored backups were removed: ${said?.removed ?? 'all'}`;
    return { ...done, events: [{ type: 'Normal', reason: 'StoredBackupsDeleted', note }] };
  }
  const age = (context.now.getTime() - Date.parse(job.metadata.creationTimestamp ?? '')) / 1000;
  if (has(job, 'Failed') || age > LONGEST_PRUNE_SECONDS)
    return left(said === undefined ? `Job ${job.metadata.name} did not end well` : complaintOf(said));
  return waits(observation, context, 'stored backups are being removed');
}
