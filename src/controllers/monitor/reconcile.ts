/** One pass over one DatabaseMonitor: what is there, what is wanted, the steps between, and the status. */
import { completeDatabase } from '../../admission/defaults.ts';
import { recheck } from '../../admission/decide.ts';
import type { Facts } from '../../admission/facts.ts';
import type { Resource } from '../../api/object.ts';
import * as resources from '../../api/resources.ts';
import { refOf } from '../../api/resources.ts';
import type { Database, DatabaseMonitor } from '../../api/types.generated.ts';
import { monitorObjects } from '../../desired/monitor.ts';
import type { Engine } from '../../engines/engine.ts';
import type { Applier } from '../../kubernetes/applier.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { ApiError, isNotFound } from '../../kubernetes/errors.ts';
import { keyOf, keyOfRef, type Entry } from '../../planning/observed.ts';
import type { Step } from '../../planning/step.ts';
import type { ControllerMetrics } from '../../observe/controller-metrics.ts';
import type { Clock } from '../../values/clock.ts';
import { databaseRefOf, instanceKey, ownerKey, type Caches } from '../caches.ts';
import { writeStatus } from '../database/status.ts';
import type { Outcome } from '../loop.ts';
import { CERTIFICATE_SECONDS, type CertificateEnds } from './certificate.ts';
import { decide, removal, type Decision, type Observation } from './decide.ts';
import { monitorStatus } from './status.ts';

export interface MonitorDeps {
  readonly client: KubernetesClient;
  readonly caches: Caches;
  readonly facts: Facts;
  readonly clock: Clock;
  readonly applier: Applier;
  readonly engineByName: (name: string) => Engine | undefined;
  readonly certificateEnds: CertificateEnds;
  readonly metrics?: ControllerMetrics;
}

const madeKinds: readonly Resource[] = [
  resources.Deployment,
  resources.Service,
  resources.ServiceMonitor,
  resources.PrometheusRule,
  resources.ConfigMap,
];
/** A name that somebody else has may become free without a sign. */
const CONFLICT_SECONDS = 30;

/** `key` is namespace/name. */
export async function reconcileMonitor(key: string, deps: MonitorDeps, signal: AbortSignal): Promise<Outcome> {
  const [namespace = '', name = ''] = key.split('/');
  const stored = deps.caches.store(resources.DatabaseMonitor)?.get(namespace, name) as DatabaseMonitor | undefined;
  const made = madeKinds.flatMap((resource) =>
    (deps.caches.store(resource)?.byIndex(ownerKey('DatabaseMonitor', namespace, name)) ?? []).map((object): Entry => ({
      resource,
      object,
    })),
  );
  // What lies in another namespace has no owner that the garbage collector would see.
  if (stored === undefined || stored.metadata.deletionTimestamp !== undefined) {
    for (const step of removal(made)) await take(step, made, deps);
    return {};
  }
  const observation = await gather(stored, made, deps, signal);
  const decision = decide(observation);
  try {
    for (const step of decision.steps) {
      signal.throwIfAborted();
      await take(step, observation.children, deps);
    }
  } catch (error) {
    if (error instanceof ApiError && [400, 403, 422].includes(error.code)) {
      const problem = { reason: 'ActionFailed', message: `${error.reason}: ${error.message}. It is tried again.` };
      await tell(observation, { ...decision, problem }, deps);
    }
    throw error;
  }
  await tell(observation, decision, deps);
  if (decision.problem?.reason === 'NameConflict') return { requeueAfterSeconds: CONFLICT_SECONDS };
  return observation.certificateEnds === undefined ? {} : { requeueAfterSeconds: CERTIFICATE_SECONDS };
}

async function tell(observation: Observation, decision: Decision, { client, clock }: MonitorDeps): Promise<void> {
  await writeStatus(observation.monitor, monitorStatus(observation, decision, new Date(clock.now())), client);
}

async function gather(
  monitor: DatabaseMonitor,
  made: readonly Entry[],
  deps: MonitorDeps,
  signal: AbortSignal,
): Promise<Observation> {
  const { caches, clock, facts, engineByName } = deps;
  const target = databaseRefOf(monitor);
  const stored = target && caches.store(resources.Database)?.get(target.namespace, target.name);
  const isLeaving = stored?.metadata.deletionTimestamp !== undefined;
  const database = stored === undefined || isLeaving ? undefined : completeDatabase(stored as Database);
  const engine = database && engineByName(database.spec.engine ?? '');
  const rivals =
    caches.store(resources.DatabaseMonitor)?.byIndex(instanceKey(target?.namespace, target?.name ?? '')) ?? [];
  const certificateEnds =
    database === undefined || monitor.spec.alerting !== true ? undefined : await deps.certificateEnds(database, signal);
  return {
    monitor,
    database,
    engine,
    findings: recheck(monitor, { now: new Date(clock.now()), facts }),
    rivals: rivals.filter(({ metadata }) => metadata.uid !== monitor.metadata.uid),
    children: [...made, ...(await readMissing({ monitor, database, engine }, made, deps, signal))],
    isAbsent: (resource) => caches.isAbsent(resource),
    certificateEnds,
  };
}

/** Objects under names that are needed, and that nobody labelled as ours. */
async function readMissing(
  { monitor, database, engine }: Pick<Observation, 'monitor' | 'database' | 'engine'>,
  made: readonly Entry[],
  { client, caches }: MonitorDeps,
  signal: AbortSignal,
): Promise<readonly Entry[]> {
  if (database === undefined || engine === undefined) return [];
  const have = new Set(made.map(keyOf));
  const refs = monitorObjects({ monitor, database, engine })
    .map(({ resource, object }) => refOf(resource, object))
    .filter((ref) => !have.has(keyOfRef(ref)) && !caches.isAbsent(ref.resource));
  const found = await Promise.all(refs.map((ref) => client.get(ref, { signal })));
  return refs.flatMap(({ resource }, index) => {
    const object = found[index];
    return object === undefined ? [] : [{ resource, object }];
  });
}

/** Only these two are ever planned for objects that hold no data. */
async function take(step: Step, children: readonly Entry[], { applier, client, metrics }: MonitorDeps): Promise<void> {
  if (step.action === 'apply') {
    const live = children.find((entry) => keyOf(entry) === keyOfRef(step.ref))?.object;
    await applier.apply(step.ref.resource, step.object, live, { force: true });
  } else if (step.action === 'delete') {
    try {
      await client.delete(step.ref, { uid: step.uid, propagationPolicy: 'Background' });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
  metrics?.stepped('databasemonitor', step.action, step.ref.resource.kind);
}
