/**
 * Steps that steer members. Before the first of them the API server is asked whether the decision still stands, because a
 * cache may be old; before a promotion the members are asked once more, because what they said may be. Nothing is told to
 * a member once the leadership is lost.
 */
import type { KubernetesObject, ObjectRef } from '../../api/object.ts';
import * as resources from '../../api/resources.ts';
import { refOf } from '../../api/resources.ts';
import type { Database, DatabaseStatus } from '../../api/types.generated.ts';
import { roleLabel, switchoverAnnotation } from '../../desired/names.ts';
import type { MemberClient, MemberView, TopologyDriver } from '../../engines/engine.ts';
import type { JsonPatch, KubernetesClient } from '../../kubernetes/client.ts';
import { ApiError, isNotFound } from '../../kubernetes/errors.ts';
import type { EventRecorder } from '../../kubernetes/events.ts';
import type { TopologyMetrics } from '../../observe/topology-metrics.ts';
import { hasEnded } from '../../planning/observed.ts';
import type {
  DetachStep,
  FenceStep,
  FollowStep,
  PromoteStep,
  RetireStep,
  SwitchoverStep,
} from '../../planning/step.ts';
import type { Proof, Report } from '../../planning/topology-types.ts';
import type { Clock } from '../../values/clock.ts';
import { sleep } from '../../values/clock.ts';
import type { Monitor } from '../members/monitor.ts';
import { peerAddress } from '../members/targets.ts';
import { writeStatus } from './status.ts';

export interface SteerDeps {
  /** Fenced. */
  readonly client: KubernetesClient;
  readonly monitor: Monitor;
  readonly clock: Clock;
  readonly events: EventRecorder;
  /** False once the leadership is lost: members must not be told anything any more. */
  readonly mayAct?: () => boolean;
  readonly topologyMetrics?: TopologyMetrics;
  /** What a member was told, and what it or its way there said against it. `key` is namespace/name. */
  readonly onOrder?: (key: string, order: string, error?: unknown) => void;
}

/** One pass over one Database. */
export interface Steering {
  /** As it is stored now, with what this pass has recorded. */
  readonly stored: Database;
  readonly driver: TopologyDriver;
  readonly deps: SteerDeps;
  readonly signal: AbortSignal;
}

/** How long a switchover waits for the successor to have everything. */
const CATCH_UP_MS = 10_000;
const LOOK_MS = 50;

const conflict = (why: string): ApiError => new ApiError(why, { code: 409, reason: 'Conflict' });

const keyOf = ({ stored: { metadata } }: Steering): string => `${metadata.namespace ?? ''}/${metadata.name}`;

/** Rejects with a conflict when the recorded decision is no longer what this pass began with. */
export async function confirm({ stored, deps }: Pick<Steering, 'stored' | 'deps'>): Promise<KubernetesObject> {
  const live = (await deps.client.get(refOf(resources.Database, stored))) as Database | undefined;
  const same =
    live !== undefined &&
    live.metadata.uid === stored.metadata.uid &&
    live.metadata.deletionTimestamp === undefined &&
    live.spec.paused !== true &&
    live.status?.currentPrimary === stored.status?.currentPrimary &&
    live.status?.primaryTerm === stored.status?.primaryTerm;
  if (!same) throw conflict('the recorded primary or the Database has changed since this was decided');
  return live;
}

async function order(
  steering: Steering,
  pod: string,
  verb: 'promote' | 'demote' | 'follow' | 'detach' | 'retire',
  run: (client: MemberClient) => Promise<void>,
): Promise<void> {
  const { deps, signal } = steering;
  const what = verb === 'promote' ? verb : 'other';
  signal.throwIfAborted();
  if (deps.mayAct?.() === false) throw new ApiError('this replica is not the leader', { code: 0, reason: 'NotLeader' });
  const [key, told] = [keyOf(steering), `${verb} ${pod}`];
  try {
    await deps.monitor.command(key, pod, what, run);
    deps.onOrder?.(key, told);
  } catch (error) {
    deps.onOrder?.(key, told, error);
    throw error;
  }
}

export async function promote(step: PromoteStep, steering: Steering): Promise<void> {
  const { driver, deps } = steering;
  const { name } = step.ref;
  await Promise.all(step.proofs.map((proof) => verify(proof, step.ref, deps.client)));
  const reports = await deps.monitor.ask(keyOf(steering));
  const own = reports.get(name);
  if (own?.kind !== 'seen' || own.view === undefined) throw conflict(`${name} does not answer`);
  for (const [other, report] of reports) {
    if (other !== name && driver.elects !== true) assertNotAhead(driver, own, other, report);
  }
  const without = deps.monitor.wroteAt(keyOf(steering));
  const isNew = steering.stored.status?.conditions?.find(({ type }) => type === 'Initialized')?.status !== 'True';
  await order(steering, name, 'promote', (client) => client.promote());
  if (isNew) return;
  const { engine = '' } = steering.stored.spec;
  deps.topologyMetrics?.failedOver(engine, without === undefined ? undefined : (deps.clock.now() - without) / 1000);
  deps.events.record({
    regarding: steering.stored,
    action: 'Promote',
    type: 'Normal',
    reason: 'FailoverCompleted',
    note: `${name} takes writes`,
  });
}

function assertNotAhead(driver: TopologyDriver, own: Report, other: string, { kind, view }: Report): void {
  if (kind !== 'seen' || view === undefined) return;
  if (view.writable) throw conflict(`${other} takes writes`);
  const isAhead =
    view.broken === undefined && driver.comparePositions(view.position, own.view?.position ?? '') === 'ahead';
  if (isAhead) throw conflict(`${other} has moved ahead`);
}

/** What the cache said of a pod, by the word of the API server. */
async function verify(
  { member, evidence, uid }: Proof,
  { resource, namespace }: ObjectRef,
  client: KubernetesClient,
): Promise<void> {
  const pod = await client.get({ resource, name: member, ...(namespace !== undefined && { namespace }) });
  const holds =
    evidence === 'gone' ? pod === undefined : pod === undefined || (pod.metadata.uid === uid && hasEnded(pod));
  if (!holds) throw conflict(`pod ${member} has changed since this was decided`);
}

/** A member that does not hear is told again by the next pass: others must not wait for it. */
export async function follow(step: FollowStep, steering: Steering): Promise<void> {
  const address = steering.deps.monitor.address(keyOf(steering), step.primary);
  if (address === undefined) return;
  const primary = peerAddress(address, steering.stored.metadata.name);
  await tryOrder(steering, step.ref.name, 'follow', (client) => client.follow(primary));
}

/** Its promotion does the same, only later. */
export const detach = (step: DetachStep, steering: Steering): Promise<void> =>
  tryOrder(steering, step.ref.name, 'detach', async (client) => client.detach?.());

/** Asked again while it is still counted. */
export const retire = ({ ref, gone }: RetireStep, steering: Steering): Promise<void> =>
  tryOrder(steering, ref.name, 'retire', async (client) => client.retire?.(gone));

async function tryOrder(...[steering, ...rest]: Parameters<typeof order>): Promise<void> {
  try {
    await order(steering, ...rest);
  } catch (error) {
    if (error instanceof ApiError || steering.signal.aborted) throw error;
  }
}

export async function fence(step: FenceStep, steering: Steering): Promise<void> {
  if (step.by === 'demote') {
    try {
      await order(steering, step.ref.name, 'demote', demote);
      return;
    } catch (error) {
      if (error instanceof ApiError || steering.signal.aborted) throw error;
      // What can't be told to stop is stopped.
    }
  }
  await remove(step.ref, { uid: step.uid, gracePeriodSeconds: 1 }, steering.deps.client);
}

async function demote(client: MemberClient): Promise<void> {
  if (client.demote === undefined) throw new Error('the engine can’t be made read-only while it runs');
  await client.demote();
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

/** The new primary is recorded in the middle of this, once it is known to have everything. */
export async function switchover(
  step: SwitchoverStep,
  pods: readonly KubernetesObject[],
  steering: Steering,
): Promise<void> {
  const { deps, driver } = steering;
  const [from, to] = [step.ref.name, step.to];
  const pod = pods.find(({ metadata }) => metadata.name === from);
  if (to === undefined || pod === undefined) return;
  tell(steering, 'Normal', 'SwitchoverStarted', step.why);
  await nameRequest(steering, to);
  await label(steering, pod, 'replica');
  if (!driver.demotes) {
    // A clean stop sends everything to the replicas; the next passes see its end and go on from there.
    await remove(step.ref, pod.metadata.uid === undefined ? {} : { uid: pod.metadata.uid }, deps.client);
    return;
  }
  const since = deps.clock.now();
  await order(steering, from, 'demote', demote);
  if (!(await catchUp(steering, from, to))) {
    tell(
      steering,
      'Warning',
      'SwitchoverFailed',
      `${to} does not have everything that ${from} has: ${from} stays the primary`,
    );
    throw conflict(`${to} does not catch up with ${from}`);
  }
  const stored = await recordPrimary(steering, to);
  const now = { ...steering, stored };
  await order(now, to, 'promote', (client) => client.promote());
  const successor = pods.find(({ metadata }) => metadata.name === to);
  if (successor !== undefined) await label(now, successor, 'primary');
  deps.topologyMetrics?.switchedOver(stored.spec.engine ?? '', (deps.clock.now() - since) / 1000);
  tell(now, 'Normal', 'SwitchoverCompleted', `${to} is the primary instead of ${from}`);
}

/** The successor has all that the former primary has, and nobody has more. */
async function catchUp(steering: Steering, from: string, to: string): Promise<boolean> {
  const { deps, driver, signal } = steering;
  const end = deps.clock.now() + CATCH_UP_MS;
  while (deps.clock.now() < end && !signal.aborted) {
    const reports = await deps.monitor.ask(keyOf(steering));
    const [old, next] = [answerIn(reports, from), answerIn(reports, to)];
    if (old?.writable === true) return false;
    const compared = old && next && driver.comparePositions(next.position, old.position);
    if (compared === 'equal' || compared === 'ahead') return true;
    if (compared === 'diverged') return false;
    await sleep(deps.clock, LOOK_MS, signal);
  }
  return false;
}

function answerIn(reports: ReadonlyMap<string, Report>, pod: string): MemberView | undefined {
  const report = reports.get(pod);
  return report?.kind === 'seen' ? report.view : undefined;
}

async function recordPrimary(steering: Steering, primary: string): Promise<Database> {
  const live = (await confirm(steering)) as Database;
  const before: DatabaseStatus = live.status ?? {};
  const status = { ...before, currentPrimary: primary, primaryTerm: (before.primaryTerm ?? 1) + 1 };
  return (await writeStatus(live, status, steering.deps.client)) as Database;
}

function tell({ stored, deps }: Steering, type: 'Normal' | 'Warning', reason: string, note: string): void {
  deps.events.record({ regarding: stored, action: 'Switchover', type, reason, note });
}

const label = async ({ deps }: Steering, pod: KubernetesObject, role: string): Promise<void> => {
  await deps.client.jsonPatch(refOf(resources.Pod, pod), [
    { op: 'test', path: '/metadata/uid', value: pod.metadata.uid },
    { op: 'add', path: `/metadata/labels/${roleLabel}`, value: role },
  ]);
};

const annotationPath = `/metadata/annotations/${switchoverAnnotation.replace('/', '~1')}`;

/** `any` becomes the chosen one, so that whoever goes on after a crash does not choose another. */
async function nameRequest({ stored, deps }: Steering, to: string): Promise<void> {
  if (stored.metadata.annotations?.[switchoverAnnotation] !== 'any') return;
  await patchRequest(stored, deps.client, [
    { op: 'test', path: annotationPath, value: 'any' },
    { op: 'replace', path: annotationPath, value: to },
  ]);
}

export const endRequest = (stored: KubernetesObject, value: string, client: KubernetesClient): Promise<void> =>
  patchRequest(stored, client, [
    { op: 'test', path: annotationPath, value },
    { op: 'remove', path: annotationPath },
  ]);

async function patchRequest(stored: KubernetesObject, client: KubernetesClient, patch: JsonPatch): Promise<void> {
  const ref = refOf(resources.Database, stored);
  await client.jsonPatch(ref, [{ op: 'test', path: '/metadata/uid', value: stored.metadata.uid }, ...patch]);
}
