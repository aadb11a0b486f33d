/**
 * The read caches of the operator: one watch per resource, children by label only, objects cut down to what is read. They
 * run on every replica, leader or not, because admission asks them for facts.
 */
import type { KubernetesObject, ObjectMeta, Resource } from '../api/object.ts';
import * as resources from '../api/resources.ts';
import { fieldManager, nameLabel, ownerKindLabel, ownerNameLabel, ownerNamespaceLabel } from '../desired/names.ts';
import type { KubernetesClient } from '../kubernetes/client.ts';
import { createMemoryStore, type MemoryStoreOptions } from '../kubernetes/memory-store.ts';
import { startReflector } from '../kubernetes/reflector.ts';
import type { Reflector } from '../kubernetes/reflector.ts';
import type { Change, Indexer, Store } from '../kubernetes/store.ts';
import type { Clock, Random } from '../values/clock.ts';

export interface CachesOptions {
  readonly client: KubernetesClient;
  readonly clock: Clock;
  readonly random: Random;
  /** Empty: the whole cluster, and with it Namespaces and StorageClasses. */
  readonly namespaces: readonly string[];
  readonly onError?: (resource: Resource, error: unknown, waitMilliseconds: number) => void;
  /** The kind is not installed, or has just been. */
  readonly onAbsent?: (resource: Resource, absent: boolean) => void;
}

export interface Caches {
  /** Resolves when every resource has been listed or is known to be absent. */
  readonly synced: Promise<void>;
  readonly isSynced: boolean;
  /** Undefined for resources that are not watched here (cluster-wide ones in a namespaced install). */
  store(resource: Resource): Store | undefined;
  isAbsent(resource: Resource): boolean;
  /** When the store was last known to be true of this namespace, or of all: milliseconds since the epoch. */
  heardAt(resource: Resource, namespace?: string): number | undefined;
  onChange(listener: (resource: Resource, change: Change) => void): void;
  onAbsenceChange(listener: (resource: Resource) => void): void;
  stop(): Promise<void>;
}

/** What a Database and the other kinds become. */
export const childResources: readonly Resource[] = [
  resources.ServiceAccount,
  resources.Secret,
  resources.ConfigMap,
  resources.Service,
  resources.PodDisruptionBudget,
  resources.NetworkPolicy,
  resources.StatefulSet,
  resources.PersistentVolumeClaim,
  resources.CronJob,
  resources.Job,
  resources.Pod,
  resources.ServiceMonitor,
  resources.PrometheusRule,
  resources.Deployment,
];
const clusterResources: readonly Resource[] = [resources.Namespace, resources.StorageClass];

/** Index value of a Database's children, and of the objects that refer to it: its namespace and name. */
export const instanceKey = (namespace: string | undefined, name: string): string => `${namespace ?? ''}/${name}`;
/** Index value of what an object of another kind of ours became. */
export const ownerKey = (kind: string, namespace: string | undefined, name: string): string =>
  `${kind}/${instanceKey(namespace, name)}`;

/** The object of ours that the labels of `metadata` name; undefined: it is nobody's. */
export function ownerOf({ namespace, labels = {} }: ObjectMeta): Owner | undefined {
  const instance = labels[nameLabel];
  if (instance !== undefined) return { kind: 'Database', namespace, name: instance };
  const [kind, name] = [labels[ownerKindLabel], labels[ownerNameLabel]];
  if (kind === undefined || name === undefined) return undefined;
  return { kind, namespace: labels[ownerNamespaceLabel] ?? namespace, name };
}

export interface Owner {
  readonly kind: string;
  readonly namespace: string | undefined;
  readonly name: string;
}

/** The Database that an object of ours refers to. */
export function databaseRefOf({ metadata, ...rest }: KubernetesObject): Owner | undefined {
  const { databaseRef } = (rest['spec'] ?? {}) as { readonly databaseRef?: { name: string; namespace?: string } };
  if (databaseRef === undefined) return undefined;
  return { kind: 'Database', namespace: databaseRef.namespace ?? metadata.namespace, name: databaseRef.name };
}

/** Namespaces other than its own in which an object of ours wants Secrets. */
export function secretNamespacesOf({ spec }: KubernetesObject): readonly string[] {
  const { secretNamespaces = [], tenants = [] } = (spec ?? {}) as {
    readonly secretNamespaces?: readonly string[];
    readonly tenants?: readonly { readonly namespace?: string }[];
  };
  return [...secretNamespaces, ...tenants.flatMap(({ namespace }) => (namespace === undefined ? [] : [namespace]))];
}

const byOwner: Indexer = ({ metadata }) => {
  const owner = ownerOf(metadata);
  if (owner === undefined) return [];
  const { kind, namespace, name } = owner;
  return [kind === 'Database' ? instanceKey(namespace, name) : ownerKey(kind, namespace, name)];
};
const byReference: Indexer = (object) => {
  const database = databaseRefOf(object);
  return database === undefined ? [] : [instanceKey(database.namespace, database.name)];
};
/** What looks alike: the same object of another Database of the same engine. */
function familyOf({ metadata: { name, labels = {} } }: KubernetesObject): string {
  const instance = labels[nameLabel] ?? labels[ownerNameLabel];
  const part = instance === undefined ? '' : name.replace(instance, '').replaceAll(/\d+/g, '0');
  return `${labels['engine'] ?? ''} ${part}`;
}
/** How objects of a kind are found and packed. */
export const storeOptionsOf = (resource: Resource): MemoryStoreOptions => ({
  indexer: resources.ownKinds.includes(resource) ? byReference : byOwner,
  familyOf,
});

/** Pods are the largest objects and the most: their spec is read for nothing but the node. */
function smallPod(pod: KubernetesObject): KubernetesObject {
  const { nodeName } = (pod['spec'] ?? {}) as { nodeName?: string };
  return { ...pod, spec: nodeName === undefined ? {} : { nodeName } };
}

const transformOf = (resource: Resource): ((object: KubernetesObject) => KubernetesObject) | undefined =>
  resource.kind === 'Pod' ? smallPod : undefined;

export function startCaches(options: CachesOptions): Caches {
  const isClusterWide = options.namespaces.length === 0;
  const watched = [...resources.ownKinds, ...childResources, ...(isClusterWide ? clusterResources : [])];
  const listeners: ((resource: Resource, change: Change) => void)[] = [];
  const absenceListeners: ((resource: Resource) => void)[] = [];
  const stores = new Map<string, Store>();
  const reflectors = new Map<string, Reflector>();
  let isSynced = false;

  for (const resource of watched) {
    const store = createMemoryStore(storeOptionsOf(resource));
    const transform = transformOf(resource);
    store.onChange((change) => {
      for (const listener of listeners) listener(resource, change);
    });
    stores.set(resource.kind, store);
    reflectors.set(
      resource.kind,
      startReflector({
        client: options.client,
        clock: options.clock,
        random: options.random,
        resource,
        store,
        ...(resource.namespaced && { namespaces: options.namespaces }),
        ...(childResources.includes(resource) && { labelSelector: `app.kubernetes.io/managed-by=${fieldManager}` }),
        ...(transform !== undefined && { transform }),
        onError: (error, wait) => options.onError?.(resource, error, wait),
        onAbsent: (absent) => {
          options.onAbsent?.(resource, absent);
          for (const listener of absenceListeners) listener(resource);
        },
      }),
    );
  }
  const synced = Promise.all([...reflectors.values()].map((reflector) => reflector.synced)).then(() => {
    isSynced = true;
  });

  return {
    synced,
    get isSynced() {
      return isSynced;
    },
    store: ({ kind }) => stores.get(kind),
    isAbsent: ({ kind }) => reflectors.get(kind)?.absent === true,
    heardAt: ({ kind }, namespace) => reflectors.get(kind)?.heardAt(namespace),
    onChange: (listener) => void listeners.push(listener),
    onAbsenceChange: (listener) => void absenceListeners.push(listener),
    async stop() {
      await Promise.all([...reflectors.values()].map((reflector) => reflector.stop()));
    },
  };
}
