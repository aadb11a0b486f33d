/** Every resource that the operator reads or writes: one row each; RBAC is generated from who uses them. */
import type { KubernetesObject, ObjectRef, Resource } from './object.ts';

export const GROUP = 'example.com';
export const VERSION = 'v1';

const row = (group: string, version: string, kind: string, plural: string, namespaced = true): Resource => ({
  group,
  version,
  kind,
  plural,
  namespaced,
});

export const Database = row(GROUP, VERSION, 'Database', 'databases');
export const DatabaseUser = row(GROUP, VERSION, 'DatabaseUser', 'databaseusers');
export const DatabaseBackup = row(GROUP, VERSION, 'DatabaseBackup', 'databasebackups');
export const DatabaseMonitor = row(GROUP, VERSION, 'DatabaseMonitor', 'databasemonitors');
export const MultiTenantDatabase = row(GROUP, VERSION, 'MultiTenantDatabase', 'multitenantdatabases');
export const RedisCluster = row(GROUP, VERSION, 'RedisCluster', 'redisclusters');

export const StatefulSet = row('apps', 'v1', 'StatefulSet', 'statefulsets');
export const Deployment = row('apps', 'v1', 'Deployment', 'deployments');
export const CronJob = row('batch', 'v1', 'CronJob', 'cronjobs');
export const Job = row('batch', 'v1', 'Job', 'jobs');
export const Service = row('', 'v1', 'Service', 'services');
export const ConfigMap = row('', 'v1', 'ConfigMap', 'configmaps');
export const Secret = row('', 'v1', 'Secret', 'secrets');
export const Pod = row('', 'v1', 'Pod', 'pods');
export const PersistentVolumeClaim = row('', 'v1', 'PersistentVolumeClaim', 'persistentvolumeclaims');
export const PersistentVolume = row('', 'v1', 'PersistentVolume', 'persistentvolumes', false);
export const ServiceAccount = row('', 'v1', 'ServiceAccount', 'serviceaccounts');
export const Namespace = row('', 'v1', 'Namespace', 'namespaces', false);
export const NetworkPolicy = row('networking.k8s.io', 'v1', 'NetworkPolicy', 'networkpolicies');
export const PodDisruptionBudget = row('policy', 'v1', 'PodDisruptionBudget', 'poddisruptionbudgets');
export const StorageClass = row('storage.k8s.io', 'v1', 'StorageClass', 'storageclasses', false);
export const PriorityClass = row('scheduling.k8s.io', 'v1', 'PriorityClass', 'priorityclasses', false);
export const ServiceMonitor = row('monitoring.coreos.com', 'v1', 'ServiceMonitor', 'servicemonitors');
export const PrometheusRule = row('monitoring.coreos.com', 'v1', 'PrometheusRule', 'prometheusrules');
export const CustomResourceDefinition = row(
  'apiextensions.k8s.io',
  'v1',
  'CustomResourceDefinition',
  'customresourcedefinitions',
  false,
);
export const Lease = row('coordination.k8s.io', 'v1', 'Lease', 'leases');
export const Event = row('events.k8s.io', 'v1', 'Event', 'events');
export const LocalSubjectAccessReview = row(
  'authorization.k8s.io',
  'v1',
  'LocalSubjectAccessReview',
  'localsubjectaccessreviews',
);
export const ValidatingWebhookConfiguration = row(
  'admissionregistration.k8s.io',
  'v1',
  'ValidatingWebhookConfiguration',
  'validatingwebhookconfigurations',
  false,
);
export const MutatingWebhookConfiguration = row(
  'admissionregistration.k8s.io',
  'v1',
  'MutatingWebhookConfiguration',
  'mutatingwebhookconfigurations',
  false,
);

export const ownKinds: readonly Resource[] = [
  Database,
  DatabaseUser,
  DatabaseBackup,
  DatabaseMonitor,
  MultiTenantDatabase,
  RedisCluster,
];

/** `apps/v1`, or `v1` for the core group. */
export const apiVersion = (resource: Resource): string =>
  resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;

export function refOf(resource: Resource, object: KubernetesObject): ObjectRef {
  const { name, namespace } = object.metadata;
  return namespace === undefined ? { resource, name } : { resource, name, namespace };
}
