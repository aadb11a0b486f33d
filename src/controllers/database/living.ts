/**
 * What is decided about a Database that is there to run: who is primary first, then the plan of everything else around that
 * decision, and of both what may be done now.
 */
import { desiredObjects } from '../../desired/index.ts';
import { switchoverAnnotation } from '../../desired/names.ts';
import type { Credentials } from '../../desired/index.ts';
import type { Resource } from '../../api/object.ts';
import type { Database, Diagnosis } from '../../api/types.generated.ts';
import type { Engine } from '../../engines/engine.ts';
import { ordinalOf, shapeOf } from '../../planning/observed.ts';
import { plan } from '../../planning/plan.ts';
import type { Step } from '../../planning/step.ts';
import { databaseStatus, firstPrimary } from '../../status/database.ts';
import { finding } from '../../status/diagnosis.ts';
import type { RecoveryView } from '../../status/recovery.ts';
import { hasPeers } from '../members/targets.ts';
import { credentialsState } from './credentials.ts';
import { desiredContext, LOOK_AGAIN_SECONDS, report, statusInput, volumeMismatch } from './decide.ts';
import type { Frame } from './decide.ts';
import { eventsOf } from './events.ts';
import { askGrowth, diagnoseGrowth } from './growth.ts';
import { sortNames } from './names.ts';
import { childOf, liveOf } from './observation.ts';
import type { Decision } from './observation.ts';
import { pace } from './pace.ts';
import { recoveryOf } from './recovery.ts';
import type { Recovery } from './recovery.ts';
import { askTopology, topologySteps } from './topology.ts';
import type { Question, Topology } from './topology.ts';
import { answerOf, recordedEvent } from './topology-events.ts';

type LivingFrame = Frame & { readonly engine: Engine };

export function decideLiving(asked: LivingFrame): Decision {
  const { engine } = asked;
  const recovery = recoveryOf(asked, { database: asked.database, engine, context: desiredContext(asked) });
  if (recovery.kind === 'waits') return decideWaiting(asked, recovery);
  const restore = restoreOf(recovery);
  return decideServers(restore.active ? { ...asked, database: alone(asked.database) } : asked, restore);
}

/** Nobody is to copy what is not there yet: the others come once the data is. */
const alone = (database: Database): Database => ({ ...database, spec: { ...database.spec, replicas: 1 } });

function decideWaiting(frame: LivingFrame, { view, steps, pauses }: Recovery & { kind: 'waits' }): Decision {
  const extraDiagnosis = pauses ? [cantRestore(view)] : [];
  const status = databaseStatus(
    statusInput(frame, { recovery: view, pending: [view.verdict.message], extraDiagnosis }),
  );
  return {
    steps,
    status,
    events: eventsOf(frame.database, status, steps),
    requeueAfterSeconds: LOOK_AGAIN_SECONDS,
  };
}

const cantRestore = ({ verdict: { reason, message } }: RecoveryView): Diagnosis =>
  finding('The data can’t be restored', `${reason}: ${message}`, 'put right what the condition Recovered names');

/** What a restore adds to a pass over the servers. */
interface Restore {
  readonly active: boolean;
  readonly noServers?: boolean;
  readonly password?: string;
  readonly steps: readonly Step[];
  readonly view?: RecoveryView;
  readonly diagnosis: readonly Diagnosis[];
}

function restoreOf(recovery: Recovery): Restore {
  if (recovery.kind === 'none') return { active: false, steps: [], diagnosis: [] };
  const { view } = recovery;
  if (recovery.kind !== 'restores') return { active: false, steps: [], view, diagnosis: [] };
  const fails = !['Restoring', 'BackupNotStarting'].includes(view.verdict.reason);
  const { password, steps, noServers } = recovery;
  return {
    ...{ active: true, noServers },
    steps,
    view,
    diagnosis: fails ? [cantRestore(view)] : [],
    ...(password !== undefined && { password }),
  };
}

function decideServers(frame: LivingFrame, restore: Restore): Decision {
  const { database, observation, context } = frame;
  const question = questionOf(frame);
  const asked = question && askTopology(question);
  const recorded = recordOf(database, asked);
  const credentials = credentialsState(database, observation, context.randomBytes, restore.password);
  if (credentials.kind === 'lost')
    return report(frame, { problem: credentials.problem, acted: false }, LOOK_AGAIN_SECONDS);
  const problem = volumeMismatch(frame) ?? lonelyEngine(frame);
  if (problem !== undefined) return report(frame, { problem, acted: false }, LOOK_AGAIN_SECONDS);

  const shape = shapeToday(frame, asked);
  const growth = askGrowth(frame);
  const known: Known = {
    credentials: credentials.credentials,
    asked,
    storage: growth.storage,
    recovering: restore.active,
    noServers: restore.noServers === true,
    ...recorded,
  };
  const { steps: planned, names } = planFor(frame, shape, known);
  const isRunning = childOf(observation, 'StatefulSet', database.metadata.name) !== undefined;
  if (names.problem !== undefined && !isRunning)
    return report(frame, { problem: names.problem, acted: false, ...recorded }, LOOK_AGAIN_SECONDS);

  const paced = pace(planned, shape, observation.pods, context.now, asked?.steadiness);
  const move = paced.now.find(({ action }) => action === 'switchover');
  const topology = question && move ? askTopology({ ...question, leave: move.why }) : asked;
  const members = topology === undefined ? [] : topologySteps(topology, observation.pods);
  const steps = [
    ...members.filter(isFirst),
    ...paced.now.filter((step) => step !== move),
    ...members.filter((step) => !isFirst(step)),
    ...restore.steps,
  ];
  const status = databaseStatus(
    statusInput(frame, {
      ...recorded,
      topology,
      problem: names.problem,
      pending: [...steps.map(({ why }) => why), ...paced.waiting, ...waitingFor(topology)],
      ...(restore.view && { recovery: restore.view }),
      extraDiagnosis: [...names.diagnosis, ...restore.diagnosis, ...diagnoseGrowth(growth)],
    }),
  );
  return {
    ...recording(database, recorded, topology),
    steps,
    status,
    events: eventsOf(database, status, steps, { credentials: credentials.kind, observation }),
    ...requeue(paced.requeueAfterSeconds ?? lookAgain(names.problem !== undefined || restore.active), topology),
  };
}

const lookAgain = (waits: boolean): number | undefined => (waits ? LOOK_AGAIN_SECONDS : undefined);

interface Recorded {
  readonly primary: string;
  readonly term: number;
}

const recordOf = ({ status, metadata }: Database, asked: Topology | undefined): Recorded =>
  asked?.decision.record ?? {
    primary: status?.currentPrimary ?? firstPrimary(metadata.name),
    term: status?.primaryTerm ?? 1,
  };

/** What has not been asked yet is no news. */
const waitingFor = (topology: Topology | undefined): readonly string[] => {
  const { writable, waiting } = topology?.decision ?? {};
  return writable === undefined || waiting === undefined ? [] : [waiting];
};

/** What is recorded before any step, and what becomes of a person's request. */
function recording(
  database: Database,
  { primary, term }: Recorded,
  topology: Topology | undefined,
): Partial<Pick<Decision, 'record' | 'recorded' | 'answered'>> {
  const record = topology?.decision.record;
  const isFirst = database.status?.currentPrimary === undefined;
  const answered = topology && answerOf(topology, database.metadata.annotations?.[switchoverAnnotation]);
  return {
    ...((isFirst || record !== undefined) && { record: { currentPrimary: primary, primaryTerm: term } }),
    ...(record !== undefined && { recorded: recordedEvent(record) }),
    ...(answered !== undefined && { answered }),
  };
}

/** Restarts for the sake of a clone come after the list of those who are to clone was written. */
const isFirst = ({ action }: Step): boolean => action !== 'restartPod';

function requeue(seconds: number | undefined, topology: Topology | undefined): Partial<Decision> {
  const { requeueMs } = topology?.decision ?? {};
  const soonest = Math.min(seconds ?? Infinity, requeueMs === undefined ? Infinity : requeueMs / 1000);
  return {
    ...(Number.isFinite(soonest) && { requeueAfterSeconds: soonest }),
    ...(topology !== undefined && { unsettled: requeueMs !== undefined }),
  };
}

/** Undefined for a lone server, and while nobody is to run: nothing is asked of them. */
function questionOf({ database, engine, observation, context }: LivingFrame): Question | undefined {
  const driver = engine.runtime?.topology;
  const { name } = database.metadata;
  const servers = observation.pods.filter((pod) => ordinalOf(name, pod.metadata.name) !== undefined);
  if (driver === undefined || database.spec.hibernate === true) return undefined;
  const { currentPrimary, primaryTerm } = database.status ?? {};
  // A lone server that can't be asked is judged by its probe alone.
  const view = observation.reports.get(currentPrimary ?? '');
  const isLeftBehind = view?.kind === 'seen' && view.view?.writable === false;
  if (!hasPeers(database, servers) && !isLeftBehind) return undefined;
  if (currentPrimary === undefined || childOf(observation, 'StatefulSet', name) === undefined) return undefined;
  return { database, observation, driver, primary: currentPrimary, term: primaryTerm ?? 1, now: context.now };
}

function lonelyEngine({ database, engine }: LivingFrame) {
  if (engine.runtime?.topology !== undefined || (database.spec.replicas ?? 1) === 1) return undefined;
  return {
    reason: 'ReplicasNotSupported',
    message: `this release runs one server of ${engine.title} only: set spec.replicas to 1`,
  };
}

/**
 * The Database as it can be made true now: members leave only while the primary is one of those that stay and takes writes,
 * because a pod that finds itself the only member starts writable.
 */
function shapeToday({ database, observation }: LivingFrame, topology: Topology | undefined): Database {
  const { name } = database.metadata;
  const set = childOf(observation, 'StatefulSet', name);
  if (topology === undefined || set === undefined) return database;
  const [today, wanted] = [shapeOf(set).replicas, database.spec.replicas ?? 1];
  const { input, decision } = topology;
  const stays = decision.record === undefined && (ordinalOf(name, input.primary) ?? Infinity) < wanted;
  if (today <= wanted || (stays && decision.writable === true)) return database;
  return { ...database, spec: { ...database.spec, replicas: today } };
}

interface Known extends Recorded {
  readonly credentials: Credentials;
  readonly asked: Topology | undefined;
  /** What each volume is to have at least. */
  readonly storage: string;
  readonly recovering: boolean;
  readonly noServers: boolean;
}

function planFor(frame: LivingFrame, shape: Database, known: Known) {
  const { credentials, primary, term, asked, storage, recovering, noServers } = known;
  const { engine, observation, context } = frame;
  const reseeding =
    asked?.decision.actions.flatMap((action) => (action.kind === 'reseed' ? [action.member] : [])) ?? [];
  const base = desiredContext(frame);
  const tokens = reseeding.map((pod) => [pod, tokenOf(pod, frame)] as const);
  const { objects } = desiredObjects(shape, engine, {
    ...base,
    credentials,
    primary,
    term,
    reseed: { ...base.reseed, ...Object.fromEntries(tokens) },
    // What is lost before the data is there may be begun anew.
    ...(recovering && { recovering, noServers, initialized: false }),
  });
  const { serviceMonitors, prometheusRules } = observation;
  const isKnown = ({ kind }: Resource): boolean => (kind === 'PrometheusRule' ? prometheusRules : serviceMonitors);
  const wanted = objects.filter(({ optional, resource }) => optional !== true || isKnown(resource));
  const names = sortNames(wanted, frame);
  const steps = plan(
    { children: names.ours, pods: observation.pods, claims: observation.claims },
    {
      objects: names.wanted,
      storage,
      primary,
      members: shape.spec.replicas ?? 1,
      ...((asked !== undefined || recovering) && { roles: 'observed' as const }),
    },
  ).filter((step) => step.action !== 'apply' || !context.isApplied(step, liveOf(observation, step.ref)));
  return { steps: isLeaving(frame, asked) ? steps.filter(isAboutTopology(frame)) : steps, names };
}

/** The same for the same pod: an order that is given twice is carried out once. */
const tokenOf = (pod: string, { observation }: LivingFrame): string =>
  (observation.pods.find(({ metadata }) => metadata.name === pod)?.metadata.uid ?? '').replace(/-/g, '').slice(-12);

/** A primary beyond the wanted members hands over before anything else is changed, so that each change is made once. */
const isLeaving = ({ database }: LivingFrame, asked: Topology | undefined): boolean =>
  asked?.decision.writable === true &&
  asked.decision.actions.some(({ kind }) => kind === 'switchover') &&
  (ordinalOf(database.metadata.name, asked.input.primary) ?? 0) >= (database.spec.replicas ?? 1);

const isAboutTopology =
  ({ database }: LivingFrame) =>
  ({ ref }: Step): boolean =>
    ref.name === `${database.metadata.name}-topology`;
