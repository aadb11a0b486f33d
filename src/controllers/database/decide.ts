/**
 * Observed to decided, pure. The order of the questions is the order of their weight: is it being deleted, is it paused, is
 * it valid, can it be run, is everything ours, are the credentials there; only then the plan.
 */
import { completeDatabase } from '../../admission/defaults.ts';
import { recheck } from '../../admission/decide.ts';
import type { Database } from '../../api/types.generated.ts';
import type { Context } from '../../desired/index.ts';
import { backupName, finalizer, recoveryInspectName, recoveryName, logName } from '../../desired/names.ts';
import { isTrue } from '../../api/conditions.ts';
import type { Engine } from '../../engines/engine.ts';
import { isReady, requestedStorage, shapeOf } from '../../planning/observed.ts';
import { runsOf } from '../../status/backup-runs.ts';
import { databaseStatus } from '../../status/database.ts';
import { rememberedRecovery } from '../../status/recovery.ts';
import type { Problem, StatusInput } from '../../status/standing.ts';
import { peersSinceIn, topologyData } from './alone.ts';
import { decideDeletion } from './deletion.ts';
import { eventsOf } from './events.ts';
import { decideLiving } from './living.ts';
import { childOf } from './observation.ts';
import type { DecideContext, Decision, Observation } from './observation.ts';

/** How soon to look again at something that no event will tell of. */
export const LOOK_AGAIN_SECONDS = 10;

export function decide(observation: Observation, context: DecideContext): Decision {
  const decision = judge(observation, context);
  const { requeueAfterSeconds = Infinity } = decision;
  const { lookAgainSeconds } = observation.stuck;
  return lookAgainSeconds === undefined
    ? decision
    : { ...decision, requeueAfterSeconds: Math.min(requeueAfterSeconds, lookAgainSeconds) };
}

function judge(observation: Observation, context: DecideContext): Decision {
  const { stored } = observation;
  const database = completeDatabase(stored);
  const engine = context.engineByName(database.spec.engine ?? '');
  if (stored.metadata.deletionTimestamp !== undefined)
    return decideDeletion({ database, engine, observation, context });
  const frame: Frame = { database, engine, observation, context };
  if (database.spec.paused === true) return report(frame, { acted: false });
  const findings = recheck(stored, { now: context.now, facts: context.facts });
  if (findings.length > 0) return reportInvalid(frame, [...new Set(findings.map(({ field }) => field))]);
  if (engine?.runtime === undefined) return report(frame, { problem: notSupported(database) });
  if (!(stored.metadata.finalizers ?? []).includes(finalizer)) return { finalizer: 'add', steps: [], events: [] };
  return decideLiving({ ...frame, engine });
}

export interface Frame {
  readonly database: Database;
  readonly engine: Engine | undefined;
  readonly observation: Observation;
  readonly context: DecideContext;
}

const notSupported = (database: Database): Problem => ({
  reason: 'EngineNotSupported',
  message: `this release does not run ${database.spec.engine ?? 'this engine'} yet: the Database is checked and kept, nothing is made`,
});

function reportInvalid(frame: Frame, fields: readonly string[]): Decision {
  const message = `nothing is acted on until these fields are put right: ${fields.join(', ')}`;
  return report(frame, { invalidFields: fields, acted: false, problem: { reason: 'Invalid', message } });
}

/** Status only. */
export function report(frame: Frame, partial: Partial<StatusInput>, requeueAfterSeconds?: number): Decision {
  const status = databaseStatus(statusInput(frame, partial));
  return {
    steps: [],
    status,
    events: eventsOf(frame.database, status, []),
    ...(requeueAfterSeconds !== undefined && { requeueAfterSeconds }),
  };
}

export function statusInput(frame: Frame, partial: Partial<StatusInput>): StatusInput {
  const { database, engine, observation, context } = frame;
  const { name } = database.metadata;
  const classes = context.facts.storageClasses();
  return {
    database,
    engine,
    pods: observation.pods,
    claims: observation.claims,
    statefulSet: childOf(observation, 'StatefulSet', name),
    backup: {
      cronJob: childOf(observation, 'CronJob', backupName(name)),
      logArchive: childOf(observation, 'Deployment', logName(name)),
      runs: runsOf(observation.backupPods).filter(({ job }) => !isRecovery(name, job)),
      hasAgent: context.agentImage !== undefined,
    },
    recovery: rememberedRecovery(database),
    topology: undefined,
    primary: database.status?.currentPrimary,
    term: database.status?.primaryTerm,
    problem: undefined,
    invalidFields: [],
    pending: [],
    serviceMonitors: observation.serviceMonitors,
    storageClasses: classes.known ? classes.value.map((one) => one.name) : undefined,
    stuck: observation.stuck,
    extraDiagnosis: [],
    acted: true,
    now: context.now,
    ...partial,
  };
}

const isRecovery = (name: string, job: string | undefined): boolean =>
  job === recoveryName(name) || job === recoveryInspectName(name);

/** What the objects depend on beside the spec, credentials and primary aside. */
export function desiredContext({ database, observation, context }: Frame): Context {
  const { name, uid = '' } = database.metadata;
  const set = childOf(observation, 'StatefulSet', name);
  const [template] = set === undefined ? [] : shapeOf(set).claimTemplates;
  const claimSize = template === undefined ? undefined : requestedStorage(template);
  const topology = topologyData(observation);
  const peersSince = peersSinceIn(observation, context.now);
  const primary = observation.pods.find((pod) => pod.metadata.name === database.status?.currentPrimary);
  return {
    ownerUid: uid,
    initialized:
      topology?.initialized === 'true' ||
      isTrue(database.status?.conditions, 'Initialized') ||
      (primary !== undefined && isReady(primary)),
    reseed: Object.fromEntries(
      (topology?.reseed ?? '').split(' ').map((order) => order.split('=', 2) as [string, string]),
    ),
    ...(peersSince !== undefined && { peersSince }),
    ...(claimSize !== undefined && { claimSize: String(claimSize) }),
    ...surroundings(context),
  };
}

/** What the operator was started with. */
const surroundings = ({ operatorNamespace, clusterDomain, agentImage }: DecideContext): Partial<Context> => ({
  ...(operatorNamespace !== undefined && { operatorNamespace }),
  ...(clusterDomain !== undefined && { clusterDomain }),
  ...(agentImage !== undefined && { agentImage }),
});

/** A volume that was kept holds data of the engine that wrote it. */
export function volumeMismatch({ database, engine, observation }: Frame): Problem | undefined {
  const other = observation.claims.find(
    ({ metadata }) => metadata.labels?.['engine'] !== undefined && metadata.labels['engine'] !== engine?.name,
  );
  if (other === undefined) return undefined;
  const { name, labels } = other.metadata;
  return {
    reason: 'VolumeMismatch',
    message: `claim ${name} holds data of ${labels?.['engine'] ?? 'another engine'}, spec.engine is ${database.spec.engine ?? ''}: set spec.engine back, or delete the claim if its data is not needed`,
  };
}
