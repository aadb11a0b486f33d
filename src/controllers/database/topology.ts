/** From what is observed to the question who is primary (planning/topology.ts), and from the answer to steps. */
import type { KubernetesObject } from '../../api/object.ts';
import { isTrue } from '../../api/conditions.ts';
import { Pod, refOf } from '../../api/resources.ts';
import type { Database } from '../../api/types.generated.ts';
import { podName, roleLabel, switchoverAnnotation } from '../../desired/names.ts';
import type { PositionOrder, TopologyDriver } from '../../engines/engine.ts';
import { hasEnded, ordinalOf, wasCutOff } from '../../planning/observed.ts';
import { labelRole } from '../../planning/pods.ts';
import type { Step } from '../../planning/step.ts';
import { decideTopology } from '../../planning/topology.ts';
import { harmless, seen } from '../../planning/topology-evidence.ts';
import { SWITCH_LAG_SECONDS } from '../../planning/topology-leave.ts';
import type { Action, Member, TopologyDecision, TopologyInput } from '../../planning/topology-types.ts';
import { secondsOfLag } from '../../status/lag.ts';
import type { Observation } from './observation.ts';
import { mayBeginAlone } from './alone.ts';
import type { Steadiness } from './pace.ts';

/** A replica that was further behind when its primary went is not promoted without a person's word. */
const LAG_LIMIT_SECONDS = 30;

export interface Question {
  /** With defaults. */
  readonly database: Database;
  readonly observation: Observation;
  readonly driver: TopologyDriver;
  readonly primary: string;
  readonly term: number;
  readonly now: Date;
  /** Why the plan wants the primary elsewhere. */
  readonly leave?: string;
}

export function topologyInput(question: Question): TopologyInput {
  const { database, observation, driver, primary, term, now, leave } = question;
  const { name, annotations } = database.metadata;
  const wanted = Array.from({ length: database.spec.replicas ?? 1 }, (_, ordinal) => podName(name, ordinal));
  const servers = observation.pods.filter((pod) => ordinalOf(name, pod.metadata.name) !== undefined);
  const names = [...new Set([...wanted, ...servers.map(({ metadata }) => metadata.name)])];
  const request = annotations?.[switchoverAnnotation];
  return {
    now: now.getTime(),
    primary,
    term,
    mode: database.spec.replication?.mode ?? 'async',
    initialized: isTrue(database.status?.conditions, 'Initialized') || hasOldVolumes(observation),
    members: names.map((member) => memberOf(member, wanted.includes(member), question, servers)),
    compare: (a, b) => compare(driver, a, b),
    elects: driver.elects === true,
    canDemote: driver.demotes,
    canDetach: driver.detaches === true,
    lagLimitSeconds: LAG_LIMIT_SECONDS,
    ...(request !== undefined && { request }),
    ...(leave !== undefined && { leave }),
  };
}

/** What can't be compared has nothing in common: such a member is never promoted. */
function compare(driver: TopologyDriver, a: string, b: string): PositionOrder {
  try {
    return driver.comparePositions(a, b);
  } catch {
    return 'diverged';
  }
}

/** An earlier Database of this name left them, and nobody recorded who was its primary. */
const hasOldVolumes = ({ stored, claims }: Observation): boolean =>
  claims.some(({ metadata }) => (metadata.creationTimestamp ?? '') < (stored.metadata.creationTimestamp ?? ''));

function memberOf(
  name: string,
  wanted: boolean,
  { database, observation, now }: Question,
  pods: readonly KubernetesObject[],
): Member {
  const pod = pods.find(({ metadata }) => metadata.name === name);
  const known = database.status?.members?.find((member) => member.name === name);
  return {
    name,
    wanted,
    pod: pod && {
      uid: pod.metadata.uid ?? '',
      terminating: pod.metadata.deletionTimestamp !== undefined,
      ended: hasEnded(pod),
      cutOff: wasCutOff(pod),
      mayBeginAlone: name === podName(database.metadata.name, 0) && mayBeginAlone(pod, observation, now),
      ...(pod.metadata.deletionGracePeriodSeconds !== undefined && {
        graceSeconds: pod.metadata.deletionGracePeriodSeconds,
      }),
    },
    report: observation.reports.get(name),
    labelled: pod?.metadata.labels?.[roleLabel] === 'primary',
    shown: secondsOfLag(known?.lag),
  };
}

export interface Topology {
  readonly input: TopologyInput;
  readonly decision: TopologyDecision;
  readonly steadiness: Steadiness;
}

export function askTopology(question: Question): Topology {
  const input = topologyInput(question);
  const decision = decideTopology(input);
  const isQuiet = decision.record === undefined && decision.actions.length === 0;
  const tooFar = input.members.filter(
    (member) => (seen(member, input.now)?.lagSeconds ?? 0) > SWITCH_LAG_SECONDS && member.wanted,
  );
  const unwell = new Set([...decision.lame.map(({ member }) => member), ...tooFar.map(({ name }) => name)]);
  const unasked = input.members.filter((member) => member.wanted && !seen(member, input.now));
  const steady = (except: string): boolean =>
    isQuiet &&
    decision.writable === true &&
    [...unwell, ...unasked.map(({ name }) => name)].every((member) => member === except);
  return { input, decision, steadiness: { writable: decision.writable === true, steady } };
}

/** What the decision means for pods: roles that are no longer true go first, the new one comes last. */
export function topologySteps({ input, decision }: Topology, pods: readonly KubernetesObject[]): readonly Step[] {
  const primary = decision.record?.primary ?? input.primary;
  const find = (name: string): KubernetesObject | undefined => pods.find(({ metadata }) => metadata.name === name);
  const members = input.members.flatMap(({ name }) => find(name) ?? []);
  const isPromoted = decision.actions.some(({ kind }) => kind === 'promote');
  const isKnown = decision.writable !== undefined || decision.record !== undefined;
  const others = members.flatMap((pod) => {
    const { name } = pod.metadata;
    const isPrimary = name === primary;
    if (!mayLoseLabel(name)) return [];
    return !isPrimary || (isKnown && decision.writable !== true) ? labelRole(pod, 'replica') : [];
  });
  /**
   * The label is also what tells the next process of the operator whom it has to stop: it stays until that is ordered, or is
   * not needed any more.
   */
  function mayLoseLabel(name: string): boolean {
    const member = input.members.find((one) => one.name === name);
    const isFenced = decision.actions.some((action) => action.kind === 'fence' && action.member === name);
    return member?.labelled !== true || isFenced || harmless(member, input) !== undefined;
  }
  const proven = decision.writable === true || isPromoted ? find(primary) : undefined;
  const rank: Readonly<Record<Action['kind'], number>> = {
    fence: 0,
    promote: 1,
    detach: 2,
    switchover: 3,
    follow: 4,
    retire: 5,
    reseed: 6,
  };
  const actions = decision.actions
    .toSorted((a, b) => rank[a.kind] - rank[b.kind])
    .flatMap((action): Step[] => stepOf(action, find));
  const fences = actions.filter(({ action }) => action === 'fence');
  const promotions = actions.filter(({ action }) => action === 'promote');
  const late = actions.filter((step) => !fences.includes(step) && !promotions.includes(step));
  // Where the label is there already and the promotion is only repeated, nothing is patched.
  const isLabelled = proven?.metadata.labels?.[roleLabel] === 'primary' && decision.writable === true;
  const label = proven === undefined || isLabelled ? [] : labelRole(withoutLabel(proven), 'primary');
  return [...fences, ...others, ...promotions, ...label, ...late];
}

const withoutLabel = (pod: KubernetesObject): KubernetesObject => ({
  ...pod,
  metadata: {
    ...pod.metadata,
    labels: Object.fromEntries(Object.entries(pod.metadata.labels ?? {}).filter(([key]) => key !== roleLabel)),
  },
});

function stepOf(action: Action, find: (name: string) => KubernetesObject | undefined): Step[] {
  const pod = find(action.kind === 'switchover' ? action.from : action.member);
  if (pod === undefined) return [];
  const ref = refOf(Pod, pod);
  const uid = pod.metadata.uid ?? '';
  const { why } = action;
  switch (action.kind) {
    case 'promote':
      return [{ action: 'promote', ref, proofs: action.proofs, impact: 'none', why }];
    case 'follow':
      return [{ action: 'follow', ref, primary: action.primary, impact: 'none', why }];
    case 'detach':
      return [{ action: 'detach', ref, impact: 'none', why }];
    case 'retire':
      return [{ action: 'retire', ref, gone: action.gone, impact: 'none', why }];
    case 'fence':
      return [{ action: 'fence', ref, uid, by: action.by, impact: 'none', why }];
    case 'switchover':
      return [{ action: 'switchover', ref, to: action.to, impact: 'switchover', why }];
    case 'reseed':
      return [{ action: 'restartPod', ref, uid, impact: 'restart', why }];
  }
}
