/**
 * The Jobs that bring data from a backup: one reads what the backup says of itself before anything is made, the other loads
 * it into the first member. Both go away some time after their end, so that what failed is tried again.
 */
import type { KubernetesObject } from '../api/object.ts';
import { Job } from '../api/resources.ts';
import { inspectOrder, recoverOrder, restoreOrder } from './backup-orders.ts';
import { backupJobSpec, type BackupPlace } from './backup-pod.ts';
import { child, type Subject } from './context.ts';
import { labelsOf } from './labels.ts';
import { claimName, recoveryInspectName, recoveryName } from './names.ts';

/** Where the backup lies. */
export interface RecoverySource {
  readonly place: BackupPlace;
  /** Where it was taken from, and its name; `latest`: the newest. */
  readonly source: { readonly namespace: string; readonly name: string; readonly backup: string };
}

const orders = { inspect: inspectOrder, restore: restoreOrder, recover: recoverOrder } as const;

/** Seconds between a failure and the next try. */
const pauseSeconds = 600;
const inspectSeconds = 600;
const restoreSeconds = 3 * 86_400;
const inspectRetries = 2;
/** A restore that is ended from outside begins anew. */
const restoreRetries = 6;

export const inspectJob = (input: Subject, from: RecoverySource, agentImage: string): KubernetesObject =>
  job(input, from, agentImage, 'inspect');

export const restoreJob = (input: Subject, from: RecoverySource, agentImage: string): KubernetesObject =>
  job(input, from, agentImage, 'restore');

/** Onto the volume of the first member, to spec.bootstrap.recovery.targetTime. */
export const recoverJob = (input: Subject, from: RecoverySource, agentImage: string): KubernetesObject =>
  job(input, from, agentImage, 'recover');

function job(
  input: Subject,
  { place, source }: RecoverySource,
  agentImage: string,
  verb: keyof typeof orders,
): KubernetesObject {
  const { database, engine, context } = input;
  const wish = { place, source, clusterDomain: context.clusterDomain };
  const order = orders[verb](database, engine, wish);
  const dataClaim = verb === 'recover' ? { dataClaim: claimName(database.metadata.name, 0) } : {};
  const labels = labelsOf(database, engine, 'backup');
  const pod = { database, engine, order, place, agentImage, labels, ...dataClaim };
  const limits =
    verb === 'inspect'
      ? { deadlineSeconds: inspectSeconds, retries: inspectRetries, keptSeconds: pauseSeconds }
      : { deadlineSeconds: restoreSeconds, retries: restoreRetries, keptSeconds: pauseSeconds };
  const name = (verb === 'inspect' ? recoveryInspectName : recoveryName)(database.metadata.name);
  return child(input, Job, name, { spec: backupJobSpec(pod, limits) }, { component: 'backup' });
}
