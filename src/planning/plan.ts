/**
 * From what is observed to what is wanted, as steps with their price. The webhook prints all of them; the loop executes
 * those that may be taken now (controllers/database/pace.ts) and plans again, so this function never needs to know how far
 * an earlier pass got.
 */
import type { KubernetesObject, ObjectRef } from '../api/object.ts';
import { refOf } from '../api/resources.ts';
import type { DesiredObject } from '../desired/index.ts';
import { claimName, nameLabel, podHashAnnotation, podName, roleLabel, topologyName } from '../desired/names.ts';
import { covers, INTENT, isAsWanted, stamp } from './drift.ts';
import { growClaims, syncMetadata } from './kept.ts';
import { keyOf, shapeOf } from './observed.ts';
import type { Entry, Observed, Target } from './observed.ts';
import { planPods } from './pods.ts';
import type { Impact, Step } from './step.ts';

/** Kinds that are removed when they are no longer wanted; volumes and credentials are not among them. */
const removable = new Set([
  'CronJob',
  'ServiceMonitor',
  'PrometheusRule',
  'Deployment',
  'NetworkPolicy',
  'PodDisruptionBudget',
  'Service',
  'ConfigMap',
]);

export function plan(observed: Observed, target: Target): readonly Step[] {
  const live = new Map(observed.children.map((entry) => [keyOf(entry), entry.object]));
  const wanted = new Set(target.objects.map(keyOf));
  return [
    ...target.objects.flatMap((desired) => planObject(live.get(keyOf(desired)), desired, target)),
    ...observed.children.filter((entry) => !wanted.has(keyOf(entry))).flatMap(planRemoval),
    ...growClaims(memberClaims(observed.claims, target), target.storage),
    ...planPods(observed, target),
  ];
}

/** Volumes that a larger set left behind are not paid for: they grow when their member comes back. */
function memberClaims(claims: readonly KubernetesObject[], target: Target): readonly KubernetesObject[] {
  const set = target.objects.find(({ resource }) => resource.kind === 'StatefulSet')?.object;
  if (set === undefined) return [];
  const wanted = new Set(membersOf(set, target).map((_, ordinal) => claimName(set.metadata.name, ordinal)));
  return claims.filter(({ metadata }) => wanted.has(metadata.name));
}

/** Names of the members, asleep or not. */
const membersOf = (set: KubernetesObject, { members }: Target): readonly string[] =>
  Array.from({ length: members ?? shapeOf(set).replicas }, (_, ordinal) => podName(set.metadata.name, ordinal));

/** The state in which nothing is left to be done for `target`: where the plan for a change begins at admission. */
export function settled(target: Target): Observed {
  const children = target.objects.map(({ resource, object, ownership }) => ({
    resource,
    object: existing(ownership === 'apply' ? stamp(object, target.fingerprint) : object),
  }));
  const set = children.find(({ resource }) => resource.kind === 'StatefulSet')?.object;
  if (set === undefined) return { children, pods: [], claims: [] };
  const { replicas, claimTemplates } = shapeOf(set);
  const names = Array.from({ length: replicas }, (_, ordinal) => `${set.metadata.name}-${ordinal}`);
  const namespace = set.metadata.namespace;
  return {
    children,
    pods: names.map((name) => settledPod(set, name, target.primary)),
    claims: membersOf(set, target).flatMap((name) =>
      claimTemplates.map((template) => ({
        ...template,
        metadata: {
          ...template.metadata,
          name: `${template.metadata.name}-${name}`,
          ...(namespace !== undefined && { namespace }),
        },
        spec: { resources: { requests: { storage: target.storage } } },
      })),
    ),
  };
}

/** The API server gives every object a uid. */
const existing = (object: KubernetesObject): KubernetesObject => ({
  ...object,
  metadata: { ...object.metadata, uid: `${object.kind}/${object.metadata.name}` },
});

function settledPod(set: KubernetesObject, name: string, primary: string): KubernetesObject {
  const { podHash, labels, hooks } = shapeOf(set);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      ...(set.metadata.namespace !== undefined && { namespace: set.metadata.namespace }),
      uid: name,
      labels: { ...labels, [roleLabel]: name === primary ? 'primary' : 'replica' },
      annotations: { ...hooks, ...(podHash !== undefined && { [podHashAnnotation]: podHash }) },
    },
    status: { conditions: [{ type: 'Ready', status: 'True' }] },
  };
}

function planObject(
  live: KubernetesObject | undefined,
  desired: DesiredObject,
  { fingerprint }: Target,
): readonly Step[] {
  const { resource, object, ownership } = desired;
  const ref = refOf(resource, object);
  const called = `${resource.kind} ${ref.name}`;
  const isKept = ownership === 'createOnce' || resource.kind === 'PersistentVolumeClaim';
  if (live === undefined) {
    const why = `${called} is missing`;
    return isKept
      ? [{ action: 'create', ref, object, impact: 'none', why }]
      : [{ action: 'apply', ref, object: stamp(object, fingerprint), impact: 'none', why }];
  }
  // On its way out: its end is an event, and the next pass makes it anew.
  if (live.metadata.deletionTimestamp !== undefined) return [];
  if (isKept) return syncMetadata(ref, live, object);
  const stamped = stamp(object, fingerprint);
  const isSame = live.metadata.annotations?.[INTENT] === stamped.metadata.annotations?.[INTENT];
  if (isSame && isAsWanted(live, stamped)) return [];
  if (resource.kind === 'StatefulSet') return planStatefulSet(ref, live, stamped);
  return [
    {
      action: 'apply',
      ref,
      object: stamped,
      impact: resource.kind === 'ConfigMap' ? impactOfFiles(live, object) : 'none',
      why: isSame ? `${called} was changed by hand` : `${called} changes`,
    },
  ];
}

/** Servers read mounted files anew, except the list of members, which they only read when they start. */
function impactOfFiles(live: KubernetesObject, wanted: KubernetesObject): Impact {
  const [before, after] = [live, wanted].map(({ data }) => (data ?? {}) as Readonly<Record<string, unknown>>);
  const isTopology = wanted.metadata.name === topologyName(wanted.metadata.labels?.[nameLabel] ?? '');
  const same = isTopology ? before?.['primary'] === after?.['primary'] : covers(before, after);
  return same ? 'none' : 'reload';
}

/** What the API server refuses to change on a StatefulSet; `persistentVolumeClaimRetentionPolicy` and the rest may change. */
const immutable = ['serviceName', 'selector', 'podManagementPolicy', 'volumeClaimTemplates'] as const;

function planStatefulSet(ref: ObjectRef, live: KubernetesObject, wanted: KubernetesObject): readonly Step[] {
  const before = (live['spec'] ?? {}) as Readonly<Record<string, unknown>>;
  const after = (wanted['spec'] ?? {}) as Readonly<Record<string, unknown>>;
  const fixed = immutable.filter((field) => !covers(before[field], after[field], field));
  const apply: Step = { action: 'apply', ref, object: wanted, ...priceOf(live, wanted) };
  if (fixed.length === 0) return [apply];
  const why = `${fixed.join(', ')} can't be changed in place: the StatefulSet is replaced around its running pods`;
  const { uid = '' } = live.metadata;
  return [{ action: 'delete', ref, uid, propagationPolicy: 'Orphan', impact: 'none', why }, apply];
}

function priceOf(live: KubernetesObject, wanted: KubernetesObject): { readonly impact: Impact; readonly why: string } {
  const [from, to] = [shapeOf(live).replicas, shapeOf(wanted).replicas];
  if (from === to) return { impact: 'none', why: `StatefulSet ${wanted.metadata.name} changes` };
  if (to === 0) return { impact: 'downtime', why: 'all servers stop' };
  if (from === 0) return { impact: 'none', why: `${to} servers start` };
  return { impact: 'none', why: `replicas go from ${from} to ${to}${to < from ? '; volumes are kept' : ''}` };
}

function planRemoval({ resource, object }: Entry): readonly Step[] {
  const { uid, deletionTimestamp, name } = object.metadata;
  if (!removable.has(resource.kind) || uid === undefined || deletionTimestamp !== undefined) return [];
  const why = `${resource.kind} ${name} is no longer wanted`;
  return [{ action: 'delete', ref: refOf(resource, object), uid, impact: 'none', why }];
}
