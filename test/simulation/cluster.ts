/**
 * The rest of the cluster: StatefulSet controller, garbage collector, volumes, kubelet, Jobs, namespaces. Each looks at the
 * world a little after it changed and does what it can; what a volume holds is kept apart from the objects, as on a disk.
 */
import type { KubernetesObject, Resource } from '../../src/api/object.ts';
import * as resources from '../../src/api/resources.ts';
import { runPods } from './kubelet.ts';
import type { Disk } from './kubelet.ts';
import { makeServers } from './servers.ts';
import type { Servers } from './servers.ts';
import type { Scheduler } from './scheduler.ts';
import { runStatefulSets } from './statefulset.ts';
import type { World } from './world-types.ts';

export interface Cluster {
  /** What lies on a volume, by the uid of its PersistentVolume. */
  readonly disks: ReadonlyMap<string, Disk>;
  readonly servers: Servers;
  /** Images that can't be pulled. */
  readonly badImages: Set<string>;
  /** Outcome of Jobs from now on. */
  jobs: 'succeed' | 'fail' | 'hang';
}

export interface ClusterState extends Cluster {
  readonly disks: Map<string, Disk>;
  readonly world: World;
  readonly scheduler: Scheduler;
}

const BY = 'cluster';

export function startCluster(world: World, scheduler: Scheduler): Cluster {
  const servers = makeServers(scheduler);
  const state: ClusterState = { disks: new Map(), servers, badImages: new Set(), jobs: 'succeed', world, scheduler };
  const random = scheduler.fork('cluster');
  const actors: ((state: ClusterState) => void)[] = [
    runStatefulSets,
    bindVolumes,
    runPods,
    collectGarbage,
    runJobs,
    endNamespaces,
  ];
  for (const actor of actors) {
    let due = false;
    world.onChange(() => {
      if (due) return;
      due = true;
      scheduler.clock.after(5 + random() * 400, () => {
        due = false;
        actor(state);
      });
    });
  }
  return state;
}

function bindVolumes({ world, disks }: ClusterState): void {
  for (const claim of world.list(resources.PersistentVolumeClaim)) {
    const { name, namespace, uid } = claim.metadata;
    const target = { resource: resources.PersistentVolumeClaim, namespace, name };
    const spec = claim['spec'] as { volumeName?: string; resources: { requests: { storage: string } } };
    const wanted = spec.resources.requests.storage;
    const status = claim['status'] as { phase?: string; capacity?: { storage: string } } | undefined;
    if (claim.metadata.deletionTimestamp !== undefined) {
      const inUse = world.list(resources.Pod, namespace).some((pod) => claimsOf(pod).includes(name));
      if (!inUse) world.update(target, BY, withoutFinalizers);
    } else if (status?.phase !== 'Bound') {
      const volume = `pv-${String(uid)}`;
      world.create(
        resources.PersistentVolume,
        {
          apiVersion: 'v1',
          kind: 'PersistentVolume',
          metadata: { name: volume },
          spec: { persistentVolumeReclaimPolicy: 'Delete', claimRef: { name, namespace, uid } },
        },
        BY,
      );
      disks.set(volume, { data: undefined });
      world.update(target, BY, (object) => ({
        ...object,
        metadata: { ...object.metadata, finalizers: ['kubernetes.io/pvc-protection'] },
        spec: { ...spec, volumeName: volume },
        status: { phase: 'Bound', capacity: { storage: wanted } },
      }));
    } else if (status.capacity?.storage !== wanted) {
      world.updateStatus(target, BY, (object) => ({
        ...object,
        status: { phase: 'Bound', capacity: { storage: wanted } },
      }));
    }
  }
  for (const volume of world.list(resources.PersistentVolume)) {
    const spec = volume['spec'] as { persistentVolumeReclaimPolicy: string; claimRef: { uid: string } };
    if (spec.persistentVolumeReclaimPolicy !== 'Delete' || world.byUid(spec.claimRef.uid) !== undefined) continue;
    world.remove({ resource: resources.PersistentVolume, name: volume.metadata.name }, BY);
    disks.delete(volume.metadata.name);
  }
}

const withoutFinalizers = (object: KubernetesObject): KubernetesObject => ({
  ...object,
  metadata: { ...object.metadata, finalizers: [] },
});

export function claimsOf(pod: KubernetesObject): string[] {
  const volumes = ((pod['spec'] as { volumes?: unknown[] } | undefined)?.volumes ?? []) as {
    persistentVolumeClaim?: { claimName: string };
  }[];
  return volumes.flatMap(({ persistentVolumeClaim }) =>
    persistentVolumeClaim === undefined ? [] : [persistentVolumeClaim.claimName],
  );
}

function collectGarbage({ world }: ClusterState): void {
  for (const { resource, object } of world.everything()) {
    const owners = object.metadata.ownerReferences ?? [];
    if (owners.length === 0 || object.metadata.deletionTimestamp !== undefined) continue;
    if (owners.some((owner) => world.byUid(owner.uid) !== undefined)) continue;
    const { name, namespace, uid } = object.metadata;
    world.remove({ resource, namespace, name }, 'garbage-collector', { uid });
  }
}

function runJobs(state: ClusterState): void {
  const { world } = state;
  for (const job of world.list(resources.Job)) {
    if (job['status'] !== undefined || job.metadata.deletionTimestamp !== undefined) continue;
    if (state.jobs === 'hang') continue;
    const type = state.jobs === 'succeed' ? 'Complete' : 'Failed';
    const { name, namespace } = job.metadata;
    const completionTime = new Date(state.scheduler.clock.now()).toISOString();
    world.updateStatus({ resource: resources.Job, namespace, name }, BY, (object) => ({
      ...object,
      status: { conditions: [{ type, status: 'True' }], completionTime },
    }));
  }
}

function endNamespaces({ world }: ClusterState): void {
  for (const namespace of world.list(resources.Namespace)) {
    if (namespace.metadata.deletionTimestamp === undefined) continue;
    const content = world
      .everything()
      .filter(({ resource, object }) => resource.namespaced && object.metadata.namespace === namespace.metadata.name);
    for (const { resource, object } of content) {
      if (object.metadata.deletionTimestamp !== undefined) continue;
      remove(world, resource, object);
    }
    if (content.length > 0) continue;
    world.update({ resource: resources.Namespace, name: namespace.metadata.name }, BY, withoutFinalizers);
  }
}

function remove(world: World, resource: Resource, object: KubernetesObject): void {
  const target = { resource, namespace: object.metadata.namespace, name: object.metadata.name };
  if (world.find(target) !== undefined) world.remove(target, 'namespace-controller');
}
