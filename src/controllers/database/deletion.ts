/**
 * The end of a Database. Retain lets go of volumes and credentials; Delete removes them one by one, by uid; Snapshot makes
 * a last backup and then does as Delete, or as Retain when no backup can be made. A namespace that is going takes its
 * claims with it and allows no new Job, so there the PersistentVolumes are kept instead. The finalizer always ends.
 */
import type { KubernetesObject } from '../../api/object.ts';
import { Job, PersistentVolumeClaim, refOf } from '../../api/resources.ts';
import type { DatabaseStatus } from '../../api/types.generated.ts';
import { backsUp, finalBackupJob } from '../../desired/backup.ts';
import { backupClaimName, finalBackupName, finalizer } from '../../desired/names.ts';
import { readCredentials } from '../../desired/secret.ts';
import { isReady, keyOf } from '../../planning/observed.ts';
import type { Entry } from '../../planning/observed.ts';
import { syncMetadata } from '../../planning/kept.ts';
import { standingOf } from '../../planning/standing.ts';
import type { DeleteStep, Step } from '../../planning/step.ts';
import { agentMissing } from '../../status/backup.ts';
import { databaseStatus } from '../../status/database.ts';
import { desiredContext, statusInput } from './decide.ts';
import type { Frame } from './decide.ts';
import { childOf } from './observation.ts';
import type { Decision, EventIntent } from './observation.ts';

/** A last backup that takes longer is given up, and the volumes are kept. */
const LONGEST_SNAPSHOT_SECONDS = 6 * 3600;
const POLL_SECONDS = 30;

export function decideDeletion(frame: Frame): Decision {
  const { database, observation } = frame;
  if (!(database.metadata.finalizers ?? []).includes(finalizer)) return { steps: [], events: [] };
  const policy = database.spec.deletionPolicy ?? 'Retain';
  if (observation.namespaceEnding) return endWithNamespace(frame, policy);
  if (policy === 'Delete') return remove(frame, false);
  return policy === 'Snapshot' ? snapshot(frame) : keep(frame, [kept('VolumesKept', frame)]);
}

const ours = ({ observation, database }: Frame): readonly Entry[] =>
  observation.children.filter((entry) => ['ours', 'kept'].includes(standingOf(entry, database)));

const kept = (reason: string, frame: Frame, why = 'spec.deletionPolicy is Retain'): EventIntent => ({
  type: reason === 'VolumesKept' ? 'Normal' : 'Warning',
  reason,
  note: `${why}: volumes and credentials stay and are found again by a Database of this name (${outliving(frame)
    .map(({ object }) => object.metadata.name)
    .join(', ')})`,
});

/** Volumes and credentials. */
const outliving = (frame: Frame): readonly Entry[] => {
  const known = ours(frame).filter(({ resource }) => ['Secret', 'PersistentVolumeClaim'].includes(resource.kind));
  const keys = new Set(known.map(keyOf));
  const claims = frame.observation.claims
    .map((object) => ({ resource: PersistentVolumeClaim, object }))
    .filter((entry) => !keys.has(keyOf(entry)));
  return [...known, ...claims];
};

/** Lets go: no owner reference may be left that would take a volume or a credential along. */
function keep(frame: Frame, events: readonly EventIntent[]): Decision {
  const steps = outliving(frame).flatMap(({ resource, object }): readonly Step[] => {
    const metadata = { ...object.metadata, ownerReferences: [] };
    return syncMetadata(refOf(resource, object), object, { ...object, metadata });
  });
  return { finalizer: 'remove', steps, events };
}

/** The StatefulSet first, so that nothing makes a claim anew; then what is on the way out is left to its own finalizers. */
function remove(frame: Frame, keepBackups: boolean): Decision {
  const { database, observation } = frame;
  const { name } = database.metadata;
  const set = childOf(observation, 'StatefulSet', name);
  const isOurs = ours(frame).some(({ object }) => object === set);
  if (set !== undefined && isOurs) {
    const steps = set.metadata.deletionTimestamp === undefined ? [deletion(frame, 'StatefulSet', set, 'downtime')] : [];
    return { steps, status: deletingStatus(frame), events: [], requeueAfterSeconds: POLL_SECONDS };
  }
  const going = outliving(frame).filter(
    ({ object }) =>
      object.metadata.deletionTimestamp === undefined &&
      !(keepBackups && object.metadata.name === backupClaimName(name)),
  );
  const steps = going.map(({ resource, object }) => deletion(frame, resource.kind, object, 'data-loss'));
  const note = `volumes and credentials are deleted: ${going.map(({ object }) => object.metadata.name).join(', ')}`;
  return { finalizer: 'remove', steps, events: [{ type: 'Normal', reason: 'DataDeleted', note }] };
}

function deletion(frame: Frame, kind: string, object: KubernetesObject, impact: DeleteStep['impact']): DeleteStep {
  const entry = [...frame.observation.children, ...outliving(frame)].find((one) => one.object === object);
  const resource = entry?.resource ?? PersistentVolumeClaim;
  const why = `spec.deletionPolicy is ${frame.database.spec.deletionPolicy ?? ''}: ${kind} ${object.metadata.name} goes`;
  return { action: 'delete', ref: refOf(resource, object), uid: object.metadata.uid ?? '', impact, why };
}

function deletingStatus(frame: Frame, message = 'the servers are being stopped'): DatabaseStatus {
  return databaseStatus(statusInput(frame, { problem: { reason: 'Deleting', message, waits: true } }));
}

function snapshot(frame: Frame): Decision {
  const { database, observation, context } = frame;
  const { name } = database.metadata;
  const job = observation.jobs.find(({ metadata }) => metadata.name === finalBackupName(name));
  if (job === undefined) {
    if (childOf(observation, 'StatefulSet', name) === undefined) {
      return keep(frame, [kept('SnapshotNotPossible', frame, 'there is no server to take the last backup from')]);
    }
    const made = finalJob(frame);
    if (typeof made === 'string') return keep(frame, [kept('SnapshotNotPossible', frame, made)]);
    const note = 'a last backup is made before volumes and credentials go';
    return {
      steps: [{ action: 'create', ref: refOf(Job, made), object: made, impact: 'none', why: note }],
      status: deletingStatus(frame, note),
      events: [{ type: 'Normal', reason: 'FinalBackup', note }],
      requeueAfterSeconds: POLL_SECONDS,
    };
  }
  const { conditions = [] } = (job['status'] ?? {}) as { conditions?: readonly { type: string; status: string }[] };
  const is = (type: string): boolean => conditions.some((one) => one.type === type && one.status === 'True');
  if (is('Complete')) return remove(frame, true);
  const age = (context.now.getTime() - Date.parse(job.metadata.creationTimestamp ?? '')) / 1000;
  if (is('Failed') || age > LONGEST_SNAPSHOT_SECONDS) {
    return keep(frame, [
      kept('FinalBackupFailed', frame, `the last backup did not succeed (kubectl logs job/${job.metadata.name})`),
    ]);
  }
  return {
    steps: [],
    status: deletingStatus(frame, 'the last backup is being made'),
    events: [],
    requeueAfterSeconds: POLL_SECONDS,
  };
}

/** The Job, or why there can be none. */
function finalJob(frame: Frame): KubernetesObject | string {
  const { database, engine, observation } = frame;
  const { name } = database.metadata;
  if (engine?.runtime === undefined) return 'this release does not run the engine';
  if (database.spec.hibernate === true) return 'the database hibernates';
  if (!backsUp(database)) return 'no place for backups is configured (spec.backup)';
  if (!observation.pods.some((pod) => pod.metadata.name === database.status?.currentPrimary && isReady(pod))) {
    return 'the primary does not answer';
  }
  const internal = childOf(observation, 'Secret', `${name}-internal`);
  if ((internal && readCredentials(internal)) === undefined) return 'the credentials are gone';
  const job = finalBackupJob({ database, engine, context: desiredContext(frame) }, LONGEST_SNAPSHOT_SECONDS);
  return job ?? agentMissing;
}

function endWithNamespace(frame: Frame, policy: string): Decision {
  if (policy === 'Delete') return { finalizer: 'remove', steps: [], events: [] };
  const volumes = outliving(frame).flatMap(({ resource, object }) => {
    const { volumeName } = (object['spec'] ?? {}) as { volumeName?: string };
    return resource.kind === 'PersistentVolumeClaim' && volumeName !== undefined ? [volumeName] : [];
  });
  const note = `the namespace is being deleted: ${policy === 'Snapshot' ? 'no last backup can be made, ' : ''}PersistentVolumes are kept: ${volumes.join(', ')}`;
  return {
    finalizer: 'remove',
    keepVolumes: volumes,
    steps: [],
    events: [{ type: 'Warning', reason: 'VolumesKept', note }],
  };
}
