/**
 * Does what was decided, in this order: finalizer, recorded decision, volumes, steps, status, Events, end. Stops at the
 * first failure; everything here may be done again by the next pass.
 */
import { getCondition } from '../../api/conditions.ts';
import type { KubernetesObject, ObjectRef } from '../../api/object.ts';
import * as resources from '../../api/resources.ts';
import { refOf } from '../../api/resources.ts';
import type { Database, DatabaseStatus } from '../../api/types.generated.ts';
import { completeDatabase } from '../../admission/defaults.ts';
import { nameLabel, roleLabel, topologyName } from '../../desired/names.ts';
import type { Engine } from '../../engines/engine.ts';
import type { Applier } from '../../kubernetes/applier.ts';
import type { JsonPatch, KubernetesClient } from '../../kubernetes/client.ts';
import type { ControllerMetrics } from '../../observe/controller-metrics.ts';
import { ApiError, isAlreadyExists, isInvalid, isNotFound } from '../../kubernetes/errors.ts';
import type { ApplyStep, CreateStep, DeleteStep, MemberStep, PatchStep, Step } from '../../planning/step.ts';
import { addFinalizer, removeFinalizer } from './finalizer.ts';
import { liveOf } from './observation.ts';
import { writeStatus } from './status.ts';
import { confirm, detach, endRequest, fence, follow, promote, retire, switchover } from './steer.ts';
import type { SteerDeps, Steering } from './steer.ts';
import { memberEvents } from './topology-events.ts';
import type { Decision, Observation } from './observation.ts';

export interface ActDeps extends SteerDeps {
  readonly applier: Applier;
  readonly engineByName: (name: string) => Engine | undefined;
  readonly metrics?: ControllerMetrics;
}

/** A step that failed; `cause` is what the API server said. */
export class StepFailed extends Error {
  readonly step: Step;

  constructor(step: Step, cause: unknown) {
    const { kind } = step.ref.resource;
    super(`${step.action} ${kind} ${step.ref.name}: ${reasonOf(cause, kind)}`, { cause });
    this.name = 'StepFailed';
    this.step = step;
  }
}

/** What a person may read; the server quotes contents, so nothing it says of a Secret is passed on. */
function reasonOf(cause: unknown, kind: string): string {
  if (!(cause instanceof ApiError)) return cause instanceof Error ? cause.message : 'failed';
  return kind === 'Secret' ? cause.reason : `${cause.reason}: ${cause.message}`;
}

export async function act(
  decision: Decision,
  observation: Observation,
  deps: ActDeps,
  signal: AbortSignal,
): Promise<void> {
  const { client } = deps;
  let current: KubernetesObject = observation.stored;
  if (decision.finalizer === 'add') current = await addFinalizer(observation.stored, client);
  if (decision.record !== undefined) {
    current = await writeStatus(current, { ...statusOf(current), ...decision.record }, client);
    if (decision.recorded) deps.events.record({ regarding: current, action: 'Reconcile', ...decision.recorded });
  } else if (decision.steps.some((step) => restsOnTheRecord(step, observation))) {
    current = await confirm({ stored: observation.stored, deps });
  }
  for (const volume of decision.keepVolumes ?? []) await keepVolume(volume, observation.stored, client);
  const isSwitched = decision.steps.some(({ action }) => action === 'switchover');
  for (const step of decision.steps) {
    signal.throwIfAborted();
    await take(step, { observation, deps, signal, current: current as Database });
  }
  // A switchover recorded another primary: what this pass thought of the status is old.
  if (decision.status !== undefined && !isSwitched) {
    const ended = backupEnded(statusOf(current), decision.status);
    current = await writeStatus(current, decision.status, client);
    if (ended !== undefined) deps.metrics?.backedUp(ended);
  }
  for (const event of decision.events) {
    deps.events.record({ regarding: observation.stored, action: 'Reconcile', ...event });
  }
  if (decision.answered !== undefined) await answer(decision.answered, current, deps);
  if (decision.finalizer === 'remove') await removeFinalizer(observation.stored, client);
}

/** Steps that would do harm if another primary had been recorded meanwhile. */
function restsOnTheRecord(step: Step, { stored }: Observation): boolean {
  if (step.action === 'patch') return step.patch.some(({ path }) => path === `/metadata/labels/${roleLabel}`);
  if (step.action === 'apply') return step.ref.name === topologyName(stored.metadata.name);
  return ['promote', 'follow', 'detach', 'retire', 'fence', 'switchover'].includes(step.action);
}

async function answer(
  { value, refused }: NonNullable<Decision['answered']>,
  current: KubernetesObject,
  { client, events }: ActDeps,
): Promise<void> {
  await endRequest(current, value, client);
  if (refused === undefined) return;
  const note = `the switchover to ${value} is refused: ${refused}`;
  events.record({ regarding: current, action: 'Switchover', type: 'Warning', reason: 'SwitchoverRefused', note });
}

/** What the two statuses say of a regular backup that ended in between. */
export function backupEnded(before: DatabaseStatus, after: DatabaseStatus): 'succeeded' | 'failed' | undefined {
  const failed = ({ conditions }: DatabaseStatus): boolean =>
    getCondition(conditions, 'BackupReady')?.reason === 'LastBackupFailed';
  const { lastBackup } = after.backupStatus ?? {};
  if (lastBackup !== undefined && lastBackup !== before.backupStatus?.lastBackup) return 'succeeded';
  return failed(after) && !failed(before) ? 'failed' : undefined;
}

const statusOf = (object: KubernetesObject): DatabaseStatus => object['status'] ?? {};

/** The volume is found again by its label. Without the right to it the volume follows its class; the end is not held up. */
async function keepVolume(name: string, database: Database, client: KubernetesClient): Promise<void> {
  const patch = {
    metadata: { labels: { [nameLabel]: database.metadata.name } },
    spec: { persistentVolumeReclaimPolicy: 'Retain' },
  };
  try {
    await client.mergePatch({ resource: resources.PersistentVolume, name }, patch);
  } catch (error) {
    const isRefused = error instanceof ApiError && (error.code === 403 || error.code === 404);
    if (!isRefused) throw error;
  }
}

interface Pass {
  readonly observation: Observation;
  readonly deps: ActDeps;
  readonly signal: AbortSignal;
  /** The Database with what this pass has recorded. */
  readonly current: Database;
}

async function take(step: Step, pass: Pass): Promise<void> {
  try {
    await run(step, pass);
  } catch (error) {
    throw new StepFailed(step, error);
  }
  pass.deps.metrics?.stepped('database', step.action, step.ref.resource.kind);
  for (const event of memberEvents(step))
    pass.deps.events.record({ regarding: pass.observation.stored, action: 'Steer', ...event });
}

async function run(step: Step, pass: Pass): Promise<void> {
  const { observation, deps } = pass;
  switch (step.action) {
    case 'create':
    case 'apply':
    case 'patch':
      return change(step, liveOf(observation, step.ref), deps);
    case 'restartPod':
      return remove(step.ref, { uid: step.uid }, deps.client);
    case 'delete':
      if (step.impact === 'data-loss') await assertConsent(observation.stored, deps.client);
      return change(step, undefined, deps);
    default:
      return steer(step, pass);
  }
}

/** A step that concerns nothing but an object: for kinds that have no servers to steer. */
export async function takeObjectStep(
  step: Step,
  children: Observation['children'],
  deps: Pick<ActDeps, 'applier' | 'client'>,
): Promise<void> {
  if (!isChange(step)) throw new Error(`${step.action} is not for an object`);
  try {
    await change(step, liveOf({ children }, step.ref), deps);
  } catch (error) {
    throw new StepFailed(step, error);
  }
}

type Change = CreateStep | ApplyStep | PatchStep | DeleteStep;

const isChange = (step: Step): step is Change => ['create', 'apply', 'patch', 'delete'].includes(step.action);

async function change(
  step: Change,
  live: KubernetesObject | undefined,
  deps: Pick<ActDeps, 'applier' | 'client'>,
): Promise<void> {
  const { client } = deps;
  switch (step.action) {
    case 'create':
      return create(step.ref, step.object, client);
    case 'apply':
      // What did not exist a moment ago is not taken over if it appears in between.
      return apply(step, live, deps);
    case 'patch':
      await client.jsonPatch(step.ref, step.patch as unknown as JsonPatch);
      return;
    case 'delete':
      return remove(step.ref, optionsOf(step), client);
  }
}

async function steer(step: MemberStep, { observation, deps, signal, current }: Pass): Promise<void> {
  const driver = deps.engineByName(completeDatabase(current).spec.engine ?? '')?.runtime?.topology;
  if (driver === undefined) throw new Error('the engine has no members that can be steered');
  const steering: Steering = { stored: current, driver, deps, signal };
  switch (step.action) {
    case 'promote':
      return promote(step, steering);
    case 'follow':
      return follow(step, steering);
    case 'detach':
      return detach(step, steering);
    case 'retire':
      return retire(step, steering);
    case 'fence':
      return fence(step, steering);
    case 'switchover':
      return switchover(step, observation.pods, steering);
  }
}

/**
 * Apply leaves what others added, and what they added may not go together with ours: a second port of the same name. Then
 * the server refuses, and the whole spec of an object that is ours is written over first.
 */
async function apply(
  step: ApplyStep,
  live: KubernetesObject | undefined,
  { applier, client }: Pick<ActDeps, 'applier' | 'client'>,
): Promise<void> {
  const { ref, object } = step;
  try {
    await applier.apply(ref.resource, object, live, { force: live !== undefined });
  } catch (error) {
    if (!isInvalid(error) || live === undefined || object['spec'] === undefined) throw error;
    await client.jsonPatch(ref, [
      { op: 'test', path: '/metadata/uid', value: live.metadata.uid },
      { op: 'replace', path: '/spec', value: object['spec'] },
    ]);
    await applier.apply(ref.resource, object, undefined, { force: true });
  }
}

const optionsOf = ({ uid, propagationPolicy }: DeleteStep): Parameters<KubernetesClient['delete']>[1] => ({
  uid,
  ...(propagationPolicy !== undefined && { propagationPolicy }),
});

/** Somebody else's object of this name is found by the next pass; one of ours that exists already is what was wanted. */
async function create(ref: ObjectRef, object: KubernetesObject, client: KubernetesClient): Promise<void> {
  try {
    await client.create(ref.resource, object);
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    throw new ApiError(error instanceof Error ? error.message : '', { code: 409, reason: 'Conflict', cause: error });
  }
}

async function remove(
  ref: ObjectRef,
  options: Parameters<KubernetesClient['delete']>[1],
  client: KubernetesClient,
): Promise<void> {
  try {
    await client.delete(ref, options);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/** Data is deleted on the word of the API server at this moment, never on that of a cache. */
async function assertConsent(stored: Database, client: KubernetesClient): Promise<void> {
  const live = (await client.get(refOf(resources.Database, stored))) as Database | undefined;
  const isSame =
    live?.metadata.uid === stored.metadata.uid &&
    live?.metadata.deletionTimestamp !== undefined &&
    live.spec.deletionPolicy === stored.spec.deletionPolicy;
  if (!isSame) {
    throw new ApiError('the Database changed since this was decided', { code: 409, reason: 'Conflict' });
  }
}
