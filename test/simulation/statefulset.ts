/** The StatefulSet controller: ordinals, claims from templates, adoption of orphans, OnDelete updates. */
import type { KubernetesObject } from '../../src/api/object.ts';
import * as resources from '../../src/api/resources.ts';
import type { ClusterState } from './cluster.ts';
import type { World } from './world-types.ts';

const BY = 'statefulset-controller';

interface StatefulSetSpec {
  readonly replicas?: number;
  readonly podManagementPolicy?: string;
  readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
  readonly template: {
    readonly metadata?: KubernetesObject['metadata'];
    readonly spec: Readonly<Record<string, unknown>>;
  };
  readonly volumeClaimTemplates?: readonly KubernetesObject[];
}

export const isReady = (pod: KubernetesObject): boolean =>
  pod.metadata.deletionTimestamp === undefined &&
  ((pod['status'] as { conditions?: { type: string; status: string }[] } | undefined)?.conditions ?? []).some(
    ({ type, status }) => type === 'Ready' && status === 'True',
  );

export function runStatefulSets({ world }: ClusterState): void {
  for (const set of world.list(resources.StatefulSet)) {
    if (set.metadata.deletionTimestamp === undefined) runOne(world, set);
  }
}

function ordinalOf(set: KubernetesObject, pod: KubernetesObject): number {
  const prefix = `${set.metadata.name}-`;
  return pod.metadata.name.startsWith(prefix) ? Number(pod.metadata.name.slice(prefix.length)) : Number.NaN;
}

function runOne(world: World, set: KubernetesObject): void {
  const spec = set['spec'] as StatefulSetSpec;
  const replicas = spec.replicas ?? 1;
  const pods = ownPods(world, set, spec);
  const inOrder = spec.podManagementPolicy !== 'Parallel';
  for (let ordinal = 0; ordinal < replicas; ordinal++) {
    const pod = pods.find((candidate) => ordinalOf(set, candidate) === ordinal);
    if (pod === undefined) makePod(world, set, spec, ordinal);
    if (inOrder && (pod === undefined || !isReady(pod))) break;
  }
  const excess = pods
    .filter((pod) => ordinalOf(set, pod) >= replicas && pod.metadata.deletionTimestamp === undefined)
    .sort((a, b) => ordinalOf(set, b) - ordinalOf(set, a));
  for (const pod of inOrder ? excess.slice(0, 1) : excess) {
    world.remove({ resource: resources.Pod, namespace: pod.metadata.namespace, name: pod.metadata.name }, BY);
  }
  writeStatus(world, set, pods);
}

function ownPods(world: World, set: KubernetesObject, spec: StatefulSetSpec): KubernetesObject[] {
  const { namespace, uid, name } = set.metadata;
  return world.list(resources.Pod, namespace).flatMap((pod) => {
    const owner = pod.metadata.ownerReferences?.find(({ controller }) => controller === true);
    if (owner !== undefined) return owner.uid === uid ? [pod] : [];
    const fits = Object.entries(spec.selector.matchLabels).every(
      ([key, value]) => pod.metadata.labels?.[key] === value,
    );
    if (!fits || Number.isNaN(ordinalOf(set, pod)) || pod.metadata.deletionTimestamp !== undefined) return [];
    const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'StatefulSet', name, uid: uid ?? '', controller: true }];
    return [
      world.update({ resource: resources.Pod, namespace, name: pod.metadata.name }, BY, (object) => ({
        ...object,
        metadata: { ...object.metadata, ownerReferences },
      })),
    ];
  });
}

function makePod(world: World, set: KubernetesObject, spec: StatefulSetSpec, ordinal: number): void {
  const { name, namespace, uid } = set.metadata;
  const podName = `${name}-${String(ordinal)}`;
  if (world.find({ resource: resources.Pod, namespace, name: podName }) !== undefined) return;
  // Admission of the pod refuses a class that is not there; the controller tries again and says so in Events only.
  const priority = spec.template.spec['priorityClassName'] as string | undefined;
  if (priority !== undefined && !world.find({ resource: resources.PriorityClass, name: priority })) return;
  const volumes = (spec.volumeClaimTemplates ?? []).map((template) => {
    const claimName = `${template.metadata.name}-${podName}`;
    const target = { resource: resources.PersistentVolumeClaim, namespace, name: claimName };
    const existing = world.find(target);
    if (existing === undefined && !isTerminating(world, namespace)) {
      const labels = { ...template.metadata.labels, ...spec.selector.matchLabels };
      const { annotations } = template.metadata;
      world.create(
        target.resource,
        {
          spec: template['spec'],
          apiVersion: 'v1',
          kind: 'PersistentVolumeClaim',
          metadata: {
            name: claimName,
            ...(namespace !== undefined && { namespace }),
            labels,
            ...(annotations !== undefined && { annotations }),
          },
        },
        BY,
      );
    }
    return { name: template.metadata.name, persistentVolumeClaim: { claimName } };
  });
  if (isTerminating(world, namespace)) return;
  const meta = spec.template.metadata;
  const given = (spec.template.spec['volumes'] ?? []) as readonly { name: string }[];
  world.create(
    resources.Pod,
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: podName,
        ...(namespace !== undefined && { namespace }),
        labels: { ...meta?.labels, 'statefulset.kubernetes.io/pod-name': podName },
        ...(meta?.annotations !== undefined && { annotations: meta.annotations }),
        ownerReferences: [{ apiVersion: 'apps/v1', kind: 'StatefulSet', name, uid: uid ?? '', controller: true }],
      },
      spec: {
        ...spec.template.spec,
        volumes: [...volumes, ...given.filter((one) => !volumes.some((v) => v.name === one.name))],
      },
      status: { phase: 'Pending' },
    },
    BY,
  );
}

const isTerminating = (world: World, namespace: string | undefined): boolean =>
  world.find({ resource: resources.Namespace, name: namespace ?? '' })?.metadata.deletionTimestamp !== undefined;

function writeStatus(world: World, set: KubernetesObject, pods: readonly KubernetesObject[]): void {
  const { namespace, name, generation } = set.metadata;
  const live = pods.filter((pod) => world.byUid(pod.metadata.uid ?? '') !== undefined);
  world.updateStatus({ resource: resources.StatefulSet, namespace, name }, BY, (object) => ({
    ...object,
    status: {
      observedGeneration: generation,
      replicas: live.length,
      readyReplicas: live.filter(isReady).length,
    },
  }));
}
