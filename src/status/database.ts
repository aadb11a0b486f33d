/** The status of a Database, from what is observed and what is still to be done. */
import { isTrue } from '../api/conditions.ts';
import type { KubernetesObject } from '../api/object.ts';
import type { Database, DatabaseStatus } from '../api/types.generated.ts';
import { selectorOf } from '../desired/labels.ts';
import {
  claimName,
  podHashAnnotation,
  podName,
  primaryService,
  readonlyService,
  serviceHost,
} from '../desired/names.ts';
import type { Engine } from '../engines/engine.ts';
import { isReady, ordinalOf, shapeOf } from '../planning/observed.ts';
import { seen } from '../planning/topology-evidence.ts';
import { bytesOf } from '../values/quantity-use.ts';
import { backupTimes } from './backup.ts';
import { conditionsOf } from './conditions.ts';
import { diagnose } from './diagnosis.ts';
import { lagText } from './lag.ts';
import { phaseOf } from './phase.ts';
import type { Standing, StatusInput } from './standing.ts';
import { diagnoseStuck } from './stuck.ts';
import { verdictsOf } from './verdicts.ts';

export function databaseStatus(input: StatusInput): DatabaseStatus {
  const { database, engine, pods, claims, problem, now } = input;
  const { name } = database.metadata;
  const before = database.status ?? {};
  const wanted = database.spec.hibernate === true ? 0 : (database.spec.replicas ?? 1);
  const members = pods.filter((pod) => ordinalOf(name, pod.metadata.name) !== undefined).sort(byName);
  const ready = members.filter(isReady);
  const recovering = input.recovery?.done === false;
  const primaryReady = !recovering && takesWrites(input, ready);
  const diagnosis = [
    ...diagnose({ pods: members, claims, storageClasses: input.storageClasses }),
    ...diagnoseStuck(input.stuck, name),
    ...input.extraDiagnosis,
  ];
  const initialized = isTrue(before.conditions, 'Initialized') || primaryReady;
  const standing: Standing = {
    wanted,
    existing: members.length,
    ready: ready.length,
    primaryReady,
    ...membersOf(input),
    recovering,
    initialized,
    hibernates: database.spec.hibernate === true,
    outdated: members.some((pod) => isOutdated(pod, input.statefulSet)),
    setLags: lags(input.statefulSet),
    pending: input.pending,
    diagnosis,
    problem,
    deleting: database.metadata.deletionTimestamp !== undefined,
  };
  const capacity = smallestCapacity(claims.filter((claim) => isMemberClaim(name, claim, wanted)));
  const version = members.find((pod) => pod.metadata.name === input.primary)?.metadata.labels?.['version'];
  const generation = input.acted ? database.metadata.generation : before.observedGeneration;
  return {
    phase: phaseOf(standing),
    ...(generation !== undefined && { observedGeneration: generation }),
    ...(version !== undefined && { version }),
    replicas: members.length,
    readyReplicas: ready.length,
    selector: Object.entries(selectorOf(name))
      .map(([key, value]) => `${key}=${value}`)
      .join(','),
    ...recordOf(input),
    ...(engine !== undefined && { endpoints: endpointsOf(database, engine) }),
    members: members.map((pod) => memberOf(pod, input)),
    ...(capacity !== undefined && { storage: { ...before.storage, capacity } }),
    ...backupsOf(input),
    diagnosis,
    conditions: conditionsOf(verdictsOf(input, standing), before.conditions, now, database.metadata.generation),
  };
}

const recordOf = ({ primary, term }: StatusInput): Pick<DatabaseStatus, 'currentPrimary' | 'primaryTerm'> => ({
  ...(primary !== undefined && { currentPrimary: primary }),
  ...(term !== undefined && { primaryTerm: term }),
});

function backupsOf({
  database,
  backup,
  recovery,
  now,
}: StatusInput): Pick<DatabaseStatus, 'backupStatus' | 'recovery'> {
  const times = backupTimes(database, backup.cronJob, backup.runs, now);
  const restored = recovery?.status ?? database.status?.recovery;
  return {
    ...(times !== undefined && { backupStatus: times }),
    ...(restored !== undefined && { recovery: restored }),
  };
}

const byName = (a: KubernetesObject, b: KubernetesObject): number => (a.metadata.name < b.metadata.name ? -1 : 1);

const isOutdated = (pod: KubernetesObject, set: KubernetesObject | undefined): boolean =>
  set !== undefined && pod.metadata.annotations?.[podHashAnnotation] !== shapeOf(set).podHash;

/** The StatefulSet's own controller has not seen the newest generation yet. */
function lags(set: KubernetesObject | undefined): boolean {
  const { observedGeneration = 0 } = (set?.['status'] ?? {}) as { observedGeneration?: number };
  return set?.metadata.generation !== undefined && observedGeneration < set.metadata.generation;
}

/** With peers it has said so itself; while it has not been asked, what was true before the operator started stands. */
function takesWrites({ topology, primary, database }: StatusInput, ready: readonly KubernetesObject[]): boolean {
  const isUp = ready.some((pod) => pod.metadata.name === primary);
  if (topology === undefined) return isUp;
  return topology.decision.writable ?? (isUp && isTrue(database.status?.conditions, 'Ready'));
}

const membersOf = ({ topology }: StatusInput): Pick<Standing, 'primaryWaits' | 'lame'> => ({
  primaryWaits: topology?.decision.waiting,
  lame: topology?.decision.lame ?? [],
});

type MemberStatus = NonNullable<DatabaseStatus['members']>[number];

function memberOf(pod: KubernetesObject, { primary, topology, database }: StatusInput): MemberStatus {
  const { name } = pod.metadata;
  const before = database.status?.members?.find((member) => member.name === name);
  const isPrimary = name === primary;
  const lag = topology === undefined || isPrimary ? undefined : lagOf(name, topology, before?.lag);
  const isUnproven = topology?.decision.writable === false && isPrimary;
  return {
    name,
    role: primary === undefined || isUnproven ? 'unknown' : isPrimary ? 'primary' : 'replica',
    ready: isReady(pod),
    ...(lag !== undefined && { lag }),
  };
}

/** Without a primary nobody moves: what was shown last is what a failover may lose. */
function lagOf(
  name: string,
  { input, decision }: NonNullable<StatusInput['topology']>,
  before: string | undefined,
): string | undefined {
  if (decision.writable !== true) return before;
  if (decision.lame.some(({ member }) => member === name)) return lagText('not following');
  const member = input.members.find((one) => one.name === name);
  const view = member && seen(member, input.now);
  return view?.streaming === true && view.follows === input.primary ? lagText(view.lagSeconds ?? 0) : before;
}

function endpointsOf(database: Database, { port }: Engine): NonNullable<DatabaseStatus['endpoints']> {
  const { name } = database.metadata;
  const primary = `${serviceHost(primaryService(name), database)}:${port}`;
  const hasReplicas = (database.spec.replicas ?? 1) > 1;
  return { primary, readonly: hasReplicas ? [`${serviceHost(readonlyService(name), database)}:${port}`] : [] };
}

const isMemberClaim = (name: string, claim: KubernetesObject, wanted: number): boolean =>
  Array.from({ length: Math.max(1, wanted) }, (_, ordinal) => claimName(name, ordinal)).includes(claim.metadata.name);

function smallestCapacity(claims: readonly KubernetesObject[]): string | number | undefined {
  const sizes = claims.flatMap((claim) => {
    const { capacity } = (claim['status'] ?? {}) as { capacity?: { storage?: string | number } };
    return capacity?.storage === undefined ? [] : [capacity.storage];
  });
  return sizes.sort((a, b) => (bytesOf(a) ?? 0) - (bytesOf(b) ?? 0))[0];
}

/** Default primary of a Database that has none recorded. */
export const firstPrimary = (name: string): string => podName(name, 0);
