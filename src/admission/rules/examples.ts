/** Short ways to write the examples that every rule carries; they are tests and documentation at once. */
import type { KubernetesObject } from '../../api/object.ts';
import type { JsonObject } from '../json.ts';
import type { Facts, StorageClassFact } from '../facts.ts';
import type { Operation } from '../rule.ts';

/** Operations on which almost every rule speaks. */
export const writes: readonly Operation[] = ['CREATE', 'UPDATE'];

/** A field whose value is undefined is left out. */
function manifest(kind: string, name: string, spec: JsonObject): KubernetesObject {
  return {
    apiVersion: 'example.com/v1',
    kind,
    metadata: { name, namespace: 'shop' },
    spec: Object.fromEntries(Object.entries(spec).filter(([, value]) => value !== undefined)),
  };
}

export const database = (spec: JsonObject = {}, name = 'orders'): KubernetesObject =>
  manifest('Database', name, { engine: 'postgresql', version: '17', storage: { size: '10Gi' }, ...spec });

export const databaseUser = (spec: JsonObject = {}, name = 'reporting'): KubernetesObject =>
  manifest('DatabaseUser', name, {
    databaseRef: { name: 'orders' },
    username: 'reporting',
    privileges: [{ preset: 'readonly' }],
    ...spec,
  });

export const databaseBackup = (spec: JsonObject = {}, name = 'nightly'): KubernetesObject =>
  manifest('DatabaseBackup', name, { databaseRef: { name: 'orders' }, schedule: '0 2 * * *', ...spec });

export const databaseMonitor = (spec: JsonObject = {}, name = 'orders-metrics'): KubernetesObject =>
  manifest('DatabaseMonitor', name, { databaseRef: { name: 'orders' }, ...spec });

export const multiTenantDatabase = (spec: JsonObject = {}, name = 'shops'): KubernetesObject =>
  manifest('MultiTenantDatabase', name, { databaseRef: { name: 'orders' }, tenants: [{ name: 'acme' }], ...spec });

export const redisCluster = (spec: JsonObject = {}, name = 'sessions'): KubernetesObject =>
  manifest('RedisCluster', name, { nodes: 3, storage: { size: '10Gi' }, ...spec });

const known = <T>(value: T): { readonly known: true; readonly value: T; readonly ageSeconds: number } => ({
  known: true,
  value,
  ageSeconds: 1,
});

/** Facts, and what they were made of: tests put that on a real API server. */
export interface StagedFacts extends Facts {
  readonly stage: { readonly objects: readonly KubernetesObject[]; readonly classes: readonly StorageClassFact[] };
}

/** Facts of a cluster in which only `objects` exist; labels of namespaces are read from Namespace objects among them. */
export function cluster(objects: readonly KubernetesObject[], classes: readonly StorageClassFact[] = []): StagedFacts {
  const of = (kind: string, namespace?: string): readonly KubernetesObject[] =>
    objects.filter(
      (object) => object.kind === kind && (namespace === undefined || object.metadata.namespace === namespace),
    );
  return {
    stage: { objects, classes },
    storageClasses: () => known(classes),
    namespaceLabels: (namespace) =>
      known(of('Namespace').find(({ metadata }) => metadata.name === namespace)?.metadata.labels ?? {}),
    secretKeys: (namespace, name) =>
      known(
        of('Secret', namespace)
          .filter(({ metadata }) => metadata.name === name)
          .map((secret) => Object.keys(secret['data'] as JsonObject))[0],
      ),
    get: (kind, namespace, name) => known(of(kind, namespace).find(({ metadata }) => metadata.name === name)),
    list: (kind, namespace) => known(of(kind, namespace)),
  };
}

export const secret = (name: string, keys: readonly string[]): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, namespace: 'shop' },
  data: Object.fromEntries(keys.map((key) => [key, ''])),
});

export const namespace = (name: string, labels: Readonly<Record<string, string>> = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels },
});

/** The same object in another namespace. */
export const inNamespace = (object: KubernetesObject, name: string): KubernetesObject => ({
  ...object,
  metadata: { ...object.metadata, namespace: name },
});
