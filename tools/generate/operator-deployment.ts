/** The operator's Deployment and rights, as the plain manifests and the OLM bundle have them. */
import type { KubernetesObject } from '../../src/api/object.ts';
import { defaultCertDir } from '../../src/config.ts';
import { flags } from '../../src/flags.ts';
import { policyRules, type Permission, type PolicyRule } from '../../src/kubernetes/permissions.ts';
import { commonLabels, names, operationsPort, podLabels, webhookPort } from './plain-manifests.ts';

export const operatorName = 'database-operator';

const flagDefault = (name: 'webhook-configuration' | 'leader-election-name'): string =>
  flags.find((flag) => flag.name === name)?.default ?? '';

/** Rights within these scopes, for certificates from files. */
export const operatorRules = (...scopes: Permission['scope'][]): readonly PolicyRule[] =>
  policyRules({
    scopes,
    selfSigned: false,
    flags: {
      'webhook-configuration': flagDefault('webhook-configuration'),
      'leader-election-name': flagDefault('leader-election-name'),
    },
  });

export interface PodOptions {
  readonly image: string;
  readonly args: readonly string[];
  readonly env: readonly object[];
  /** With OLM, which mounts its own certificate, undefined. */
  readonly certificateSecret: string | undefined;
}

const fieldRef = (name: string, fieldPath: string): object => ({ name, valueFrom: { fieldRef: { fieldPath } } });

const probe = (path: string, more: object): object => ({
  httpGet: { path, port: 'operations', scheme: 'HTTPS' },
  ...more,
});

function container({ image, args, env, certificateSecret }: PodOptions): object {
  return {
    name: operatorName,
    image,
    args: ['serve', '--leader-elect', `--agent-image=${image}`, ...args],
    env: [
      fieldRef('POD_NAME', 'metadata.name'),
      fieldRef('POD_UID', 'metadata.uid'),
      fieldRef('POD_NAMESPACE', 'metadata.namespace'),
      ...env,
    ],
    ports: [
      { name: 'webhook', containerPort: webhookPort },
      { name: 'operations', containerPort: operationsPort },
    ],
    // As in the chart: a node short of CPU makes every replica slow at once, and slow answers are better than none.
    startupProbe: probe('/healthz', { periodSeconds: 1, timeoutSeconds: 5, failureThreshold: 60 }),
    livenessProbe: probe('/healthz', { periodSeconds: 20, timeoutSeconds: 10, failureThreshold: 3 }),
    readinessProbe: probe('/readyz', { periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 5 }),
    resources: { requests: { cpu: '10m', memory: '64Mi' }, limits: { cpu: '500m', memory: '128Mi' } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    // Never by subPath: a renewed certificate would not reach the process.
    ...(certificateSecret !== undefined && {
      volumeMounts: [{ name: 'certificate', mountPath: defaultCertDir, readOnly: true }],
    }),
  };
}

/** Spec of the Deployment: two replicas, of which one reconciles and both answer admission. */
export const deploymentSpec = (options: PodOptions): object => ({
  replicas: 2,
  selector: { matchLabels: podLabels },
  strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
  template: {
    metadata: { labels: { ...commonLabels, ...podLabels } },
    spec: {
      serviceAccountName: operatorName,
      // Longer than --drain-timeout.
      terminationGracePeriodSeconds: 60,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      topologySpreadConstraints: [
        {
          maxSkew: 1,
          topologyKey: 'kubernetes.io/hostname',
          whenUnsatisfiable: 'ScheduleAnyway',
          labelSelector: { matchLabels: podLabels },
        },
      ],
      containers: [container(options)],
      ...(options.certificateSecret !== undefined && {
        volumes: [{ name: 'certificate', secret: { secretName: options.certificateSecret } }],
      }),
    },
  },
});

const metadata = (namespaced: boolean): KubernetesObject['metadata'] => ({
  name: operatorName,
  ...(namespaced && { namespace: names.namespace }),
  labels: { ...commonLabels, 'app.kubernetes.io/component': 'operator' },
});

function role(kind: 'Role' | 'ClusterRole', rules: readonly PolicyRule[]): readonly KubernetesObject[] {
  const own = metadata(kind === 'Role');
  const subject = { kind: 'ServiceAccount', name: operatorName, namespace: names.namespace };
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  return [
    { apiVersion, kind, metadata: own, rules },
    {
      apiVersion,
      kind: `${kind}Binding`,
      metadata: own,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name: operatorName },
      subjects: [subject],
    },
  ];
}

/** Namespace under the restricted standard, ServiceAccount and roles. */
export const operatorRbac = (): readonly KubernetesObject[] => [
  {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name: names.namespace,
      labels: { ...commonLabels, 'pod-security.kubernetes.io/enforce': 'restricted' },
    },
  },
  { apiVersion: 'v1', kind: 'ServiceAccount', metadata: metadata(true) },
  ...role('ClusterRole', operatorRules('watched', 'cluster')),
  ...role('Role', operatorRules('own')),
];

/** Deployment and PodDisruptionBudget for certificates from cert-manager. */
export const operatorWorkload = (image: string): readonly KubernetesObject[] => [
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metadata(true),
    spec: deploymentSpec({ image, args: [], env: [], certificateSecret: names.certificateSecret }),
  },
  {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: metadata(true),
    spec: { minAvailable: 1, selector: { matchLabels: podLabels } },
  },
];
