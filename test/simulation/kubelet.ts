/**
 * The kubelet and the database inside its pods: mounts must exist, an empty volume is initialised with the password that
 * the Secrets hold then, a volume with data only accepts that same password, and a replica waits for its primary.
 */
import type { KubernetesObject } from '../../src/api/object.ts';
import * as resources from '../../src/api/resources.ts';
import { claimsOf } from './cluster.ts';
import type { ClusterState } from './cluster.ts';
import { isUp } from './servers.ts';
import type { Servers } from './servers.ts';
import { isReady } from './statefulset.ts';
import type { World } from './world-types.ts';

const BY = 'kubelet';
const STOP_MS = 2000;

export interface Disk {
  data:
    | { readonly password: string; readonly source: 'initialised' | 'cloned'; readonly by: string; log: string[] }
    | undefined;
  /** The last order to clone anew that was carried out. */
  reseeded?: string;
}

interface PodSpec {
  readonly volumes?: readonly {
    readonly configMap?: { readonly name: string; readonly optional?: boolean };
    readonly secret?: { readonly secretName: string; readonly optional?: boolean };
  }[];
  readonly containers: readonly { readonly name: string; readonly image: string }[];
}

const statusOf = (pod: KubernetesObject): { phase?: string; startedAt?: number } => pod['status'] ?? {};

export function runPods(state: ClusterState): void {
  for (const pod of state.world.list(resources.Pod)) {
    if (pod.metadata.deletionTimestamp !== undefined) stop(state, pod);
    else if (isReady(pod)) continue;
    else start(state, pod);
  }
}

function stop(state: ClusterState, pod: KubernetesObject): void {
  const { world, scheduler, servers } = state;
  const { namespace, name, uid } = pod.metadata;
  const target = { resource: resources.Pod, namespace, name };
  // A clean stop sends everything to whoever follows.
  const server = servers.all.get(uid ?? '');
  if (server?.frozen === false) server.writable = false;
  const since = scheduler.clock.now() - Date.parse(pod.metadata.deletionTimestamp ?? '');
  // A frozen server does not hear that it is to stop: it ends when its time is up.
  const isStuck = server?.frozen === true && since < (pod.metadata.deletionGracePeriodSeconds ?? 0) * 1000;
  if (since < STOP_MS || isStuck) {
    scheduler.clock.after(Math.max(STOP_MS - since, 0) + 1000, () => {
      const current = world.byUid(uid ?? '');
      if (current !== undefined) stop(state, current);
    });
    return;
  }
  finish(world, servers, target, uid);
}

function finish(
  world: World,
  servers: Servers,
  target: { resource: typeof resources.Pod; namespace: string | undefined; name: string },
  uid: string | undefined,
): void {
  if (world.find(target)?.metadata.uid !== uid || uid === undefined) return;
  servers.end(uid);
  world.purge(target);
}

function start(state: ClusterState, pod: KubernetesObject): void {
  const spec = pod['spec'] as PodSpec;
  const bad = spec.containers.find(({ image }) => state.badImages.has(image));
  if (bad !== undefined) {
    report(state, pod, waiting(bad.name, 'ImagePullBackOff', `Back-off pulling image "${bad.image}"`));
    return;
  }
  const missing = missingMount(state.world, pod);
  if (missing !== undefined) {
    report(state, pod, waiting(spec.containers[0]?.name ?? '', 'ContainerCreating', ''));
    return;
  }
  const { startedAt } = statusOf(pod);
  const now = state.scheduler.clock.now();
  if (startedAt === undefined) {
    report(state, pod, { phase: 'Running', startedAt: now, conditions: [{ type: 'Ready', status: 'False' }] });
    return;
  }
  if (now - startedAt < 500 || !boot(state, pod)) {
    wakeLater(state, pod);
    return;
  }
  const { uid: podIP } = pod.metadata;
  report(state, pod, { phase: 'Running', startedAt, podIP, conditions: [{ type: 'Ready', status: 'True' }] });
}

/** Looks again without waiting for a change of the world. */
function wakeLater(state: ClusterState, pod: KubernetesObject): void {
  state.scheduler.clock.after(1000, () => {
    const current = state.world.byUid(pod.metadata.uid ?? '');
    if (current !== undefined && current.metadata.deletionTimestamp === undefined && !isReady(current))
      start(state, current);
  });
}

const waiting = (name: string, reason: string, message: string): Readonly<Record<string, unknown>> => ({
  phase: 'Pending',
  conditions: [{ type: 'Ready', status: 'False' }],
  containerStatuses: [{ name, ready: false, restartCount: 0, state: { waiting: { reason, message } } }],
});

function report({ world }: ClusterState, pod: KubernetesObject, status: Readonly<Record<string, unknown>>): void {
  const { namespace, name } = pod.metadata;
  world.updateStatus({ resource: resources.Pod, namespace, name }, BY, (object) => ({ ...object, status }));
}

function missingMount(world: World, pod: KubernetesObject): string | undefined {
  const { namespace } = pod.metadata;
  for (const claim of claimsOf(pod)) {
    const found = world.find({ resource: resources.PersistentVolumeClaim, namespace, name: claim });
    if ((found?.['status'] as { phase?: string } | undefined)?.phase !== 'Bound') return claim;
  }
  for (const { configMap, secret } of (pod['spec'] as PodSpec).volumes ?? []) {
    if (
      configMap !== undefined &&
      configMap.optional !== true &&
      !has(world, resources.ConfigMap, namespace, configMap.name)
    )
      return configMap.name;
    if (secret !== undefined && secret.optional !== true && !has(world, resources.Secret, namespace, secret.secretName))
      return secret.secretName;
  }
  return undefined;
}

const has = (world: World, resource: typeof resources.Pod, namespace: string | undefined, name: string): boolean =>
  world.find({ resource, namespace, name }) !== undefined;

/** Whether the database inside is up. */
function boot(state: ClusterState, pod: KubernetesObject): boolean {
  const { namespace, labels = {} } = pod.metadata;
  if (labels['app.kubernetes.io/component'] !== 'database') return true;
  const instance = labels['app.kubernetes.io/instance'] ?? '';
  const disk = diskOf(state, pod);
  const secret = state.world.find({ resource: resources.Secret, namespace, name: `${instance}-internal` });
  const password = passwordOf(secret);
  if (disk === undefined || password === undefined) return false;
  const topology = topologyOf(state.world, pod);
  const order = topology.reseed.find((one) => one.startsWith(`${pod.metadata.name}=`));
  if (order !== undefined && disk.reseeded !== order) {
    disk.data = undefined;
    disk.reseeded = order;
  }
  if (disk.data === undefined && !fill(disk, state, pod, password)) return false;
  if (disk.data?.password !== password) return false;
  if (!state.servers.all.has(pod.metadata.uid ?? ''))
    state.servers.start(pod, instance, disk.data, () => topologyOf(state.world, pod));
  return true;
}

interface Topology {
  readonly primary: string;
  readonly members: readonly string[];
  readonly initialized: boolean;
  readonly reseed: readonly string[];
}

function topologyOf(world: World, { metadata: { namespace, labels } }: KubernetesObject): Topology {
  const name = `${labels?.['app.kubernetes.io/instance'] ?? ''}-topology`;
  const data = (world.find({ resource: resources.ConfigMap, namespace, name })?.['data'] ?? {}) as Record<
    string,
    string
  >;
  const words = (text = ''): string[] => text.split(' ').filter((word) => word !== '');
  return {
    primary: data['primary'] ?? '',
    members: words(data['members']),
    initialized: data['initialized'] === 'true',
    reseed: words(data['reseed']),
  };
}

function diskOf({ world, disks }: ClusterState, pod: KubernetesObject): Disk | undefined {
  const [name = ''] = claimsOf(pod);
  const { namespace } = pod.metadata;
  const claim = world.find({ resource: resources.PersistentVolumeClaim, namespace, name });
  return disks.get(String((claim?.['spec'] as { volumeName?: string } | undefined)?.volumeName));
}

/** As the boot script: the named primary initialises, unless data has been; every other clones from the primary's server. */
function fill(
  disk: Disk,
  { world, servers, scheduler }: ClusterState,
  pod: KubernetesObject,
  password: string,
): boolean {
  const { name, labels } = pod.metadata;
  const { primary, initialized } = topologyOf(world, pod);
  if (primary === name) {
    const log = [`made-${name}-${String(scheduler.clock.now())}`];
    if (!initialized) disk.data = { password, source: 'initialised', by: name, log };
    return !initialized;
  }
  const source = servers.named(labels?.['app.kubernetes.io/instance'] ?? '', primary);
  if (source === undefined || !isUp(source) || source.cut) return false;
  disk.data = { password, source: 'cloned', by: name, log: [...source.data.log] };
  return true;
}

/** The superuser's password, which is what the volume was initialised with. */
export function passwordOf(secret: KubernetesObject | undefined): string | undefined {
  const data = (secret?.['data'] ?? {}) as Readonly<Record<string, string>>;
  const text = (secret?.['stringData'] ?? {}) as Readonly<Record<string, string>>;
  const encoded = data['superuser-password'];
  return encoded === undefined ? text['superuser-password'] : Buffer.from(encoded, 'base64').toString();
}
