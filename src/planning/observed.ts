/** What a plan starts from and where it leads. The loop fills it from its stores, the webhook from `settled`. */
import type { KubernetesObject, ObjectRef, Resource } from '../api/object.ts';
import { refOf } from '../api/resources.ts';
import type { Fingerprint } from '../desired/hash.ts';
import type { DesiredObject } from '../desired/index.ts';
import { hookPrefix, podHashAnnotation, roleLabel } from '../desired/names.ts';
import { CUT_OFF } from '../engines/watchdog.ts';

export interface Entry {
  readonly resource: Resource;
  readonly object: KubernetesObject;
}

export interface Observed {
  /** Objects under the names that the Database's children have, whoever owns them. */
  readonly children: readonly Entry[];
  readonly pods: readonly KubernetesObject[];
  /** Claims of the members' data, by ordinal or left over from a larger set. */
  readonly claims: readonly KubernetesObject[];
}

export interface Target {
  /** In the order in which they are to be made. */
  readonly objects: readonly DesiredObject[];
  /** What the volumes of the members are to have at least, as a quantity. */
  readonly storage: string;
  /** Name of the pod that is the recorded primary. */
  readonly primary: string;
  /** How many servers there are, also while they are stopped; absent: as many pods as are wanted now. */
  readonly members?: number;
  /** Present: roles are given by what members say of themselves, and not planned here. */
  readonly roles?: 'observed';
  /** What tells intents apart; absent: a hash that lasts. */
  readonly fingerprint?: Fingerprint;
}

export const keyOf = ({ resource, object }: Entry): string => keyOfRef(refOf(resource, object));
export const keyOfRef = ({ resource, namespace = '', name }: ObjectRef): string =>
  `${resource.group}/${resource.kind}/${namespace}/${name}`;

export interface StatefulSetShape {
  readonly replicas: number;
  readonly podHash: string | undefined;
  /** Role that the template itself gives; undefined when the operator labels pods. */
  readonly role: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  /** Annotations that a running pod can be given. */
  readonly hooks: Readonly<Record<string, string>>;
  readonly claimTemplates: readonly KubernetesObject[];
}

interface RawSpec {
  readonly replicas?: number;
  readonly template?: {
    readonly metadata?: {
      readonly labels?: Readonly<Record<string, string>>;
      readonly annotations?: Readonly<Record<string, string>>;
    };
  };
  readonly volumeClaimTemplates?: readonly KubernetesObject[];
}

export function shapeOf(set: KubernetesObject): StatefulSetShape {
  const spec = (set['spec'] ?? {}) as RawSpec;
  const { labels = {}, annotations = {} } = spec.template?.metadata ?? {};
  return {
    replicas: spec.replicas ?? 1,
    podHash: annotations[podHashAnnotation],
    role: labels[roleLabel],
    labels,
    hooks: Object.fromEntries(Object.entries(annotations).filter(([key]) => key.startsWith(hookPrefix))),
    claimTemplates: spec.volumeClaimTemplates ?? [],
  };
}

/** `data-orders-0` of template `data` and set `orders`; undefined for other names. */
export function ordinalOf(set: string, name: string): number | undefined {
  const prefix = `${set}-`;
  const ordinal = name.startsWith(prefix) ? name.slice(prefix.length) : '';
  return /^\d+$/.test(ordinal) ? Number(ordinal) : undefined;
}

export const requestedStorage = (claim: KubernetesObject): string | number | undefined =>
  (claim['spec'] as { resources?: { requests?: { storage?: string | number } } } | undefined)?.resources?.requests
    ?.storage;

/** What the volume has; undefined: there is none yet. */
export const capacityOf = (claim: KubernetesObject): string | undefined =>
  (claim['status'] as { capacity?: { storage?: string } } | undefined)?.capacity?.storage;

export function isReady(pod: KubernetesObject): boolean {
  if (pod.metadata.deletionTimestamp !== undefined) return false;
  const { conditions = [] } = (pod['status'] ?? {}) as {
    conditions?: readonly { readonly type: string; readonly status: string }[];
  };
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
}

interface ContainerState {
  readonly running?: unknown;
  readonly waiting?: unknown;
  readonly terminated?: { readonly message?: string };
}
interface ContainerStatus {
  readonly name: string;
  readonly state?: ContainerState;
  readonly lastState?: ContainerState;
}

/** Its server was stopped by its watchdog when it ended last: it stays down until it reaches somebody. */
export function wasCutOff(pod: KubernetesObject): boolean {
  const { containerStatuses = [] } = (pod['status'] ?? {}) as { containerStatuses?: readonly ContainerStatus[] };
  return containerStatuses.some(({ state, lastState }) =>
    (state?.terminated ?? lastState?.terminated)?.message?.startsWith(CUT_OFF),
  );
}

/** No server process of the pod runs: its container has not started yet, or has ended. The server's is the first container. */
export function hasEnded(pod: KubernetesObject): boolean {
  const { phase, containerStatuses } = (pod['status'] ?? {}) as {
    phase?: string;
    containerStatuses?: readonly ContainerStatus[];
  };
  if (phase === 'Succeeded' || phase === 'Failed') return true;
  const servers = (containerStatuses ?? []).filter(({ name }) => name !== 'exporter');
  if (servers.length === 0) return phase === undefined || phase === 'Pending';
  return servers.every(
    ({ state }) => state?.running === undefined && (state?.waiting ?? state?.terminated) !== undefined,
  );
}
