/**
 * Whether the loop does what admission announced: a change is admitted, the simulated operator carries it out, and what it
 * wrote is held against the plan; what befell the servers, as the cluster saw it, against the impacts.
 */
import { decide } from '../../src/admission/decide.ts';
import { complete } from '../../src/admission/defaults.ts';
import { noFacts } from '../../src/admission/facts.ts';
import { requestFor } from '../../src/admission/testing.ts';
import type { KubernetesObject } from '../../src/api/object.ts';
import type { Database, DatabaseSpec } from '../../src/api/types.generated.ts';
import * as resources from '../../src/api/resources.ts';
import { roleLabel } from '../../src/desired/names.ts';
import type { Announcement } from '../../src/planning/announce.ts';
import type { Step } from '../../src/planning/step.ts';
import { OPERATOR } from './operator.ts';
import { equal } from './ownership.ts';
import { isSettled } from './settle.ts';
import { makeSimulation, NAMESPACE } from './simulation.ts';
import type { Simulation } from './simulation.ts';
import type { Write } from './world-types.ts';

export const NAME = 'orders';

export interface Outcome {
  readonly plan: Announcement;
  /** `apply ConfigMap orders-config`, sorted. */
  readonly announced: readonly string[];
  readonly executed: readonly string[];
  /** Pods in the order in which they were restarted. */
  readonly restarted: readonly string[];
  readonly befell: Befallen;
  /** Milliseconds since the epoch of each restart. */
  readonly restartedAt: readonly number[];
}

export interface Befallen {
  /** A server was stopped, by the operator or by its StatefulSet, while it was the primary. */
  readonly primaryStopped: boolean;
  /** Another one was recorded as primary. */
  readonly switchedOver: boolean;
  readonly replicaRestarted: boolean;
  /** The engine's own configuration file changed. */
  readonly reloaded: boolean;
}

/** A Database that runs as `spec` says, asleep or paused if so; undefined: it is refused. */
export async function runDatabase(seed: number, spec: DatabaseSpec): Promise<Simulation | undefined> {
  if (!decide(requestFor(draft(spec)), { now: new Date(0), facts: noFacts }).allowed) return undefined;
  const simulation = makeSimulation(seed, { faults: false });
  if (seed % 2 === 0) simulation.network.absent.clear();
  for (const name of ['orders-tls', 'other-tls']) simulation.create(resources.Secret, { name, data: {} });
  for (const name of ['high', 'low']) simulation.create(resources.PriorityClass, { name, value: 1 });
  const awake = Object.fromEntries(Object.entries(spec).filter(([key]) => key !== 'paused' && key !== 'hibernate'));
  simulation.createDatabase(NAME, complete('Database', draft(awake)).object.spec as Record<string, unknown>);
  await settled(simulation);
  if (spec.hibernate === true) await put(simulation, { ...awake, hibernate: true });
  if (spec.paused === true) await put(simulation, spec);
  return simulation;
}

const draft = (spec: DatabaseSpec): Database => ({
  apiVersion: 'example.com/v1',
  kind: 'Database',
  metadata: { name: NAME, namespace: NAMESPACE },
  spec,
});

async function settled(simulation: Simulation): Promise<void> {
  const isPaused = (database: Database): boolean => database.spec.paused === true;
  const done = (): boolean => {
    const database = simulation.database(NAME);
    return database !== undefined && (isPaused(database) || isSettled(database));
  };
  await simulation.until('the Database is as it should be', done, 2 * 86_400).catch((error: unknown) => {
    throw new Error(JSON.stringify(simulation.database(NAME)?.status), { cause: error });
  });
  await simulation.pass(60_000);
}

async function put(simulation: Simulation, spec: DatabaseSpec): Promise<void> {
  write(simulation, spec);
  await settled(simulation);
}

function write(simulation: Simulation, spec: DatabaseSpec): void {
  const ref = { resource: resources.Database, namespace: NAMESPACE, name: NAME };
  simulation.world.update(ref, 'person', (object) => ({
    ...object,
    spec: complete('Database', { ...object, spec } as Database, object).object.spec,
  }));
}

/** Undefined: admission refuses the change, so nothing was promised. */
export async function change(simulation: Simulation | undefined, spec: DatabaseSpec): Promise<Outcome | undefined> {
  const stored = simulation?.database(NAME);
  if (simulation === undefined || stored === undefined) return undefined;
  const now = new Date(simulation.scheduler.clock.now());
  const panic = (rule: string, error: unknown): void => {
    throw new Error(`${rule} failed`, { cause: error });
  };
  const { plan } = decide(requestFor({ ...stored, spec }, stored), { now, facts: noFacts, onPanic: panic });
  if (plan === undefined) return undefined;
  const from = { writes: simulation.world.writes.length, log: simulation.world.log.length };
  write(simulation, spec);
  if (spec.paused === true) {
    await simulation.pass(3600_000);
    const early = executedSince(simulation, from.writes);
    if (early.length > 0) throw new Error(`written while paused: ${early.map(wordOf).join(', ')}`);
    write(simulation, { ...spec, paused: false });
  }
  await settled(simulation);
  return outcomeOf(simulation, plan, from, stored.status?.currentPrimary);
}

function outcomeOf(
  simulation: Simulation,
  plan: Announcement,
  from: { readonly writes: number; readonly log: number },
  primary: string | undefined,
): Outcome {
  const { world, network } = simulation;
  const writes = executedSince(simulation, from.writes);
  const restarts = writes.filter(({ verb, resource }) => verb === 'delete' && resource.kind === 'Pod');
  const stopped = world.log
    .slice(from.log)
    .filter(
      ({ resource, before, last }) =>
        resource.kind === 'Pod' &&
        before?.metadata.deletionTimestamp === undefined &&
        last.metadata.deletionTimestamp !== undefined,
    )
    .map(({ before, last }) => ({ name: last.metadata.name, role: before?.metadata.labels?.[roleLabel] }));
  return {
    plan,
    announced: plan.steps
      .filter(({ ref }) => !network.absent.has(ref.resource.kind))
      .map(announcedWord)
      .sort(),
    executed: writes.map(wordOf).sort(),
    restarted: restarts.map(({ name }) => name),
    restartedAt: restarts.map(({ at }) => at),
    befell: {
      primaryStopped: stopped.some(({ role }) => role === 'primary'),
      switchedOver: simulation.database(NAME)?.status?.currentPrimary !== primary,
      // One that its StatefulSet ended because there are to be fewer is not restarted, whoever else is.
      replicaRestarted: stopped.some(
        ({ name, role }) => role === 'replica' && restarts.some((restart) => restart.name === name),
      ),
      reloaded: world.log
        .slice(from.log)
        .some(
          ({ resource, before, after, last }) =>
            resource.kind === 'ConfigMap' && last.metadata.name === `${NAME}-config` && !same(before, after),
        ),
    },
  };
}

/** Of children only, and only what made a difference: a pod may be asked to go once more before the cache knows. Roles of pods that were born meanwhile follow from the steps that made them. */
const executedSince = ({ world }: Simulation, from: number): readonly Write[] =>
  world.writes
    .slice(from)
    .filter(({ by, resource, changed }) => by === OPERATOR && changed && !['Event', 'Database'].includes(resource.kind))
    .filter(({ verb, resource }) => !(verb === 'update' && resource.kind === 'Pod'));

const same = (before: KubernetesObject | undefined, after: KubernetesObject | undefined): boolean =>
  equal(before?.['data'], after?.['data']);

const wordOf = ({ verb, resource, name }: Write): string => `${verb} ${resource.kind} ${name}`;

const verbs = {
  create: 'create',
  apply: 'apply',
  patch: 'update',
  delete: 'delete',
  restartPod: 'delete',
  switchover: 'apply',
  promote: '',
  follow: '',
  detach: '',
  retire: '',
  fence: 'delete',
} as const;
/** What a switchover writes, but for labels: the recorded decision as pods read it. */
const announcedWord = ({ action, ref }: Step): string =>
  action === 'switchover' ? `apply ConfigMap ${NAME}-topology` : `${verbs[action]} ${ref.resource.kind} ${ref.name}`;
