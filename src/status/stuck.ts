/** Pods that come to nothing because of what the Database names and others have to make. */
import type { Resource } from '../api/object.ts';
import type { Diagnosis } from '../api/types.generated.ts';
import { finding } from './diagnosis.ts';

/** A name in the spec that pods depend on. */
export interface Need {
  /** Path in the Database, `spec.a.b`. */
  readonly field: string;
  readonly resource: Resource;
  readonly name: string;
  /** What waits for it: the pod, which is not made without it, or its containers. */
  readonly holdsUp: 'pod' | 'containers';
}

export interface Stuck {
  /** What the API server does not have, with the names of the pods that wait for it. */
  readonly missing: readonly { readonly need: Need; readonly pods: readonly string[] }[];
  /** Names of pods that have not been made for long, and nobody knows why. */
  readonly unmade: readonly string[];
  /** Needs of theirs that the operator has no right to look up, or could not. */
  readonly unasked: readonly Need[];
  /** When to look again, because no event may tell that it has changed. */
  readonly lookAgainSeconds?: number;
}

export const nothingStuck: Stuck = { missing: [], unmade: [], unasked: [] };

/** `statefulSet` is the name of the set that the pods belong to. */
export const diagnoseStuck = ({ missing, unmade, unasked }: Stuck, statefulSet: string): readonly Diagnosis[] => [
  ...missing.map(({ need, pods }) => ofMissing(need, pods)),
  ...(unmade.length === 0 ? [] : [ofUnmade(unmade, unasked, statefulSet)]),
];

const called = ({ resource, name, field }: Need): string => `${resource.kind} ${name} (${field})`;
const list = (pods: readonly string[]): string => `pod${pods.length === 1 ? '' : 's'} ${pods.join(', ')}`;

function ofMissing(need: Need, pods: readonly string[]): Diagnosis {
  const { resource, name, field, holdsUp } = need;
  const action = `create ${resource.kind} ${name}, or change ${field}`;
  return holdsUp === 'pod'
    ? finding('A PriorityClass does not exist', `${list(pods)} can’t be made: ${called(need)} not found`, action)
    : finding('A Secret does not exist', `${list(pods)} can’t start: ${called(need)} not found`, action);
}

function ofUnmade(pods: readonly string[], unasked: readonly Need[], statefulSet: string): Diagnosis {
  const doubts = unasked.map((need) => `; the operator may not look up ${called(need)}`).join('');
  return finding(
    'A pod is not made',
    `StatefulSet ${statefulSet} has no ${list(pods)}${doubts}`,
    `kubectl describe statefulset ${statefulSet}: its Events say who refuses it (a quota, a policy, a webhook)`,
  );
}
