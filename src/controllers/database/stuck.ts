/**
 * Pods that come to nothing, for so long that it is no ordinary start. Why the kubelet or the StatefulSet's controller do not
 * go on is told by no object, only by their Events; what it most often is can be looked up exactly, by the names in the spec.
 * Nothing is asked as long as nothing is stuck.
 */
import type { KubernetesObject } from '../../api/object.ts';
import * as resources from '../../api/resources.ts';
import type { Database } from '../../api/types.generated.ts';
import { podName } from '../../desired/names.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { shapeOf } from '../../planning/observed.ts';
import { nothingStuck } from '../../status/stuck.ts';
import type { Need, Stuck } from '../../status/stuck.ts';
import type { Clock } from '../../values/clock.ts';
import type { Caches } from '../caches.ts';

const ASK_AFTER_MS = 10_000;
/** A pod that is not made may only be late, and nothing exact is known of it: later than any controller is. */
const UNMADE_AFTER_MS = 60_000;

/** Since when things are stuck. In memory only: after a start of the operator the time begins anew. */
export interface Patience {
  /** All that is stuck of one Database now → since when, milliseconds since the epoch; what is left out is forgotten. */
  since(key: string, stuck: readonly string[], now: number): ReadonlyMap<string, number>;
}

export function createPatience(): Patience {
  const known = new Map<string, ReadonlyMap<string, number>>();
  return {
    since(key, stuck, now) {
      const before = known.get(key);
      const after = new Map(stuck.map((one) => [one, before?.get(one) ?? now]));
      if (after.size === 0) known.delete(key);
      else known.set(key, after);
      return after;
    },
  };
}

export interface StuckDeps {
  readonly client: Pick<KubernetesClient, 'get'>;
  readonly caches: Pick<Caches, 'store'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly patience: Patience;
}

export interface Servers {
  readonly pods: readonly KubernetesObject[];
  /** Ours; undefined: there is none. */
  readonly statefulSet: KubernetesObject | undefined;
}

/** A failed question is no answer and no failure: it is only asked for the diagnosis. */
export async function lookAtStuck(
  stored: Database,
  servers: Servers,
  deps: StuckDeps,
  signal: AbortSignal,
): Promise<Stuck> {
  const { name, namespace = '', deletionTimestamp } = stored.metadata;
  const needs = deletionTimestamp === undefined ? needsOf(stored) : [];
  const absent = deletionTimestamp === undefined ? absentPods(name, servers) : [];
  const waiting = needs.some(({ holdsUp }) => holdsUp === 'containers') ? servers.pods.filter(isWaiting) : [];

  const now = deps.clock.now();
  const ids = { pod: (pod: string) => `no ${pod}`, containers: ({ metadata }: KubernetesObject) => metadata.uid ?? '' };
  const since = deps.patience.since(
    `${namespace}/${name}`,
    [...absent.map(ids.pod), ...waiting.map(ids.containers)],
    now,
  );
  if (since.size === 0) return nothingStuck;
  const age = (id: string): number => now - (since.get(id) ?? now);
  const heldUp = {
    pod: absent.filter((pod) => age(ids.pod(pod)) >= ASK_AFTER_MS),
    containers: waiting.filter((pod) => age(ids.containers(pod)) >= ASK_AFTER_MS).map(({ metadata }) => metadata.name),
  };
  const asked = needs.filter(({ holdsUp }) => heldUp[holdsUp].length > 0);
  const answers = await Promise.all(asked.map((need) => lookUp(need, namespace, deps, signal)));
  const missing = asked.filter((_, index) => answers[index] === 'missing');
  const isExplained = missing.some(({ holdsUp }) => holdsUp === 'pod');
  const unmade = isExplained ? [] : absent.filter((pod) => age(ids.pod(pod)) >= UNMADE_AFTER_MS);
  const lookAgainMs = needs.some(({ holdsUp }) => (holdsUp === 'pod' ? absent : waiting).length > 0)
    ? ASK_AFTER_MS
    : Math.min(...absent.map((pod) => UNMADE_AFTER_MS - age(ids.pod(pod))).filter((left) => left > 0));
  return {
    missing: missing.map((need) => ({ need, pods: heldUp[need.holdsUp] })),
    unmade,
    unasked: unmade.length === 0 ? [] : asked.filter((_, index) => answers[index] === 'unknown').filter(isOfPods),
    ...(Number.isFinite(lookAgainMs) && { lookAgainSeconds: lookAgainMs / 1000 }),
  };
}

const isOfPods = ({ holdsUp }: Need): boolean => holdsUp === 'pod';

function needsOf({ spec }: Database): readonly Need[] {
  const certificate = spec.tls?.certificateSecret;
  const priority = spec.podTemplate?.priorityClassName;
  return [
    ...(priority === undefined
      ? []
      : [
          {
            field: 'spec.podTemplate.priorityClassName',
            resource: resources.PriorityClass,
            name: priority,
            holdsUp: 'pod',
          } as const,
        ]),
    ...(certificate === undefined
      ? []
      : [
          {
            field: 'spec.tls.certificateSecret',
            resource: resources.Secret,
            name: certificate,
            holdsUp: 'containers',
          } as const,
        ]),
  ];
}

/** Only once the StatefulSet's controller has seen what is wanted. */
function absentPods(name: string, { pods, statefulSet }: Servers): readonly string[] {
  if (statefulSet === undefined) return [];
  const { observedGeneration = 0 } = (statefulSet['status'] ?? {}) as { observedGeneration?: number };
  if (observedGeneration < (statefulSet.metadata.generation ?? 0)) return [];
  const there = new Set(pods.map(({ metadata }) => metadata.name));
  return Array.from({ length: shapeOf(statefulSet).replicas }, (_, ordinal) => podName(name, ordinal)).filter(
    (pod) => !there.has(pod),
  );
}

interface ContainerStatus {
  readonly state?: { readonly waiting?: { readonly reason?: string } };
}

/** The kubelet has the pod and has not come to its containers: volumes are still to be mounted. */
function isWaiting(pod: KubernetesObject): boolean {
  const { containerStatuses = [] } = (pod['status'] ?? {}) as { containerStatuses?: readonly ContainerStatus[] };
  return (
    pod.metadata.deletionTimestamp === undefined &&
    containerStatuses.some(({ state }) => state?.waiting?.reason === 'ContainerCreating')
  );
}

async function lookUp(
  { resource, name }: Need,
  namespace: string,
  { client, caches }: StuckDeps,
  signal: AbortSignal,
): Promise<'there' | 'missing' | 'unknown'> {
  // An install that is confined to namespaces has no rights beyond them.
  if (!resource.namespaced && caches.store(resources.StorageClass) === undefined) return 'unknown';
  const ref = { resource, name, ...(resource.namespaced && { namespace }) };
  try {
    // That it is there is all there is to know: what is in a Secret never comes here.
    return (await client.get(ref, { signal, metadataOnly: true })) === undefined ? 'missing' : 'there';
  } catch {
    return 'unknown';
  }
}
