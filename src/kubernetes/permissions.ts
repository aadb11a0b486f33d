/**
 * What the operator may do, one row for each resource: RBAC of the chart, the plain manifests and the OLM bundle is made from
 * this table. `watched` is where Databases live: every namespace, or the ones that are watched. `own` is the operator's own
 * namespace. `cluster` can't be had in an install that is confined to namespaces; the operator does without.
 */
import * as resources from '../api/resources.ts';
import type { Resource } from '../api/object.ts';

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'patch' | 'update' | 'delete';

export interface Permission {
  readonly scope: 'watched' | 'own' | 'cluster';
  readonly resource: Resource;
  readonly subresource?: string;
  readonly verbs: readonly Verb[];
  /** Only for `--tls=selfsigned`. */
  readonly selfSigned?: boolean;
  /** Only this object: a name, or that of the flag `--{flag}` with what follows it. */
  readonly name?: `{${'webhook-configuration' | 'leader-election-name'}}${'' | '-selfsigned'}`;
  readonly why: string;
}

const read = ['get', 'list', 'watch'] as const;

/** Kinds that get a finalizer. */
const finalized: readonly Resource[] = [resources.DatabaseUser, resources.MultiTenantDatabase];

const ownObjects: readonly Permission[] = resources.ownKinds.flatMap((resource): readonly Permission[] => [
  resource === resources.Database
    ? { scope: 'watched', resource, verbs: [...read, 'patch'], why: 'reconciled; the finalizer is set and removed' }
    : resource === resources.DatabaseBackup
      ? {
          scope: 'watched',
          resource,
          verbs: ['list', 'watch', 'patch'],
          why: 'made true; the finalizer is set and removed',
        }
      : finalized.includes(resource)
        ? { scope: 'watched', resource, verbs: [...read, 'patch'], why: 'made true; the finalizer is set and removed' }
        : { scope: 'watched', resource, verbs: ['list', 'watch'], why: 'checked; references between objects' },
  { scope: 'watched', resource, subresource: 'status', verbs: ['patch'], why: 'phase and conditions' },
]);

const children: readonly Permission[] = [
  resources.ServiceAccount,
  resources.Secret,
  resources.ConfigMap,
  resources.Service,
  resources.PodDisruptionBudget,
  resources.NetworkPolicy,
  resources.StatefulSet,
  resources.PersistentVolumeClaim,
  resources.CronJob,
  resources.ServiceMonitor,
  resources.PrometheusRule,
].map((resource) => ({
  scope: 'watched',
  resource,
  verbs: [...read, 'create', 'patch', 'delete'],
  why: 'what a Database becomes',
}));

export const permissions: readonly Permission[] = [
  ...ownObjects,
  {
    scope: 'watched',
    resource: resources.Database,
    subresource: 'finalizers',
    verbs: ['update'],
    why: 'owner references that block deletion, where admission checks them',
  },
  ...children,
  {
    scope: 'watched',
    resource: resources.Deployment,
    verbs: [...read, 'create', 'patch', 'delete'],
    why: 'exporters of a DatabaseMonitor',
  },
  {
    scope: 'watched',
    resource: resources.Job,
    verbs: [...read, 'create', 'delete'],
    why: 'backups, their proofs, restores',
  },
  {
    scope: 'watched',
    resource: resources.Pod,
    verbs: ['list', 'watch', 'patch', 'delete'],
    why: 'roles; restarts by plan',
  },
  { scope: 'watched', resource: resources.Event, verbs: ['create', 'patch'], why: 'Events' },
  {
    scope: 'watched',
    resource: resources.LocalSubjectAccessReview,
    verbs: ['create'],
    why: 'who may grant what to a DatabaseUser',
  },
  // A name can't be demanded of what does not exist yet: `create` stands on its own.
  { scope: 'own', resource: resources.Lease, verbs: ['create'], why: 'leader election' },
  {
    scope: 'own',
    resource: resources.Lease,
    verbs: ['get', 'patch'],
    name: '{leader-election-name}',
    why: 'leader election',
  },
  {
    scope: 'own',
    resource: resources.Secret,
    verbs: ['create'],
    selfSigned: true,
    why: 'CA and certificate that all replicas share',
  },
  {
    scope: 'own',
    resource: resources.Secret,
    verbs: [...read, 'patch'],
    selfSigned: true,
    name: '{webhook-configuration}-selfsigned',
    why: 'CA and certificate that all replicas share',
  },
  { scope: 'cluster', resource: resources.Namespace, verbs: read, why: 'consent to references; namespaces that end' },
  { scope: 'cluster', resource: resources.StorageClass, verbs: ['list', 'watch'], why: 'classes that are missing' },
  { scope: 'cluster', resource: resources.PriorityClass, verbs: ['get'], why: 'is it there, while a pod is not made' },
  {
    scope: 'cluster',
    resource: resources.PersistentVolume,
    verbs: ['patch'],
    why: 'volumes are kept when their namespace goes',
  },
  ...[resources.MutatingWebhookConfiguration, resources.ValidatingWebhookConfiguration].map((resource): Permission => ({
    scope: 'cluster',
    resource,
    verbs: [...read, 'patch'],
    selfSigned: true,
    name: '{webhook-configuration}',
    why: 'the caBundle',
  })),
];

/** A rule of a Role or ClusterRole. */
export interface PolicyRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

export interface RuleOptions {
  readonly scopes: readonly Permission['scope'][];
  readonly selfSigned: boolean;
  /** Values of these flags; may be a chart's template. */
  readonly flags: Readonly<Record<'webhook-configuration' | 'leader-election-name', string>>;
}

/** Rules for a role, one for each group, set of verbs and name, in the order of the table. */
export function policyRules({ scopes, selfSigned, flags }: RuleOptions): readonly PolicyRule[] {
  const rules = new Map<string, PolicyRule>();
  for (const row of permissions) {
    if (!scopes.includes(row.scope) || (row.selfSigned === true && !selfSigned)) continue;
    const { group, plural } = row.resource;
    const resource = row.subresource === undefined ? plural : `${plural}/${row.subresource}`;
    const key = [group, row.name ?? '', ...row.verbs].join(' ');
    const before = rules.get(key);
    rules.set(key, {
      apiGroups: [group],
      resources: [...new Set([...(before?.resources ?? []), resource])],
      ...(row.name !== undefined && {
        resourceNames: [row.name.replace(/{(.*)}/, (_, flag: keyof typeof flags) => flags[flag])],
      }),
      verbs: row.verbs,
    });
  }
  return [...rules.values()];
}
