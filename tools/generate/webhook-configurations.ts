/**
 * The two webhook configurations: the one table behind the plain manifests, the chart, the OLM bundle, and the operators
 * that tests and the demo start. Nothing but our own group is matched, so no namespace needs to be left out.
 */
import type { KubernetesObject } from '../../src/api/object.ts';
import { CustomResourceDefinition, Database, GROUP, VERSION, ownKinds } from '../../src/api/resources.ts';

export interface WebhookRule {
  readonly apiGroups: readonly string[];
  readonly apiVersions: readonly string[];
  readonly operations: readonly ('CREATE' | 'UPDATE' | 'DELETE')[];
  readonly scope: 'Namespaced' | 'Cluster';
  readonly resources: readonly string[];
}

export interface Webhook {
  readonly type: 'Mutating' | 'Validating';
  readonly name: string;
  readonly path: '/mutate' | '/validate';
  readonly rules: readonly WebhookRule[];
  readonly matchConditions: readonly { readonly name: string; readonly expression: string }[];
  /** Whether it can work only for an operator that sees all namespaces. */
  readonly clusterWide: boolean;
}

const ownNames = ownKinds.map(({ plural }) => plural);
const own = { apiGroups: [GROUP], apiVersions: [VERSION], scope: 'Namespaced' } as const;

/** An object on its way out must be able to lose its finalizers also when the webhook is away. */
const stillThere = {
  name: 'more-than-metadata-of-a-deleted-object',
  expression:
    "request.operation != 'UPDATE' || !has(object.metadata) || !has(object.metadata.deletionTimestamp) || " +
    '!has(object.spec) || !has(oldObject.spec) || object.spec != oldObject.spec',
};

const ownDefinitions = {
  name: 'own-definitions',
  expression: `oldObject.metadata.name in [${ownNames.map((plural) => `'${plural}.${GROUP}'`).join(', ')}]`,
};

export const webhooks: readonly Webhook[] = [
  {
    type: 'Mutating',
    name: `mutate.database.${GROUP}`,
    path: '/mutate',
    rules: [{ ...own, operations: ['CREATE', 'UPDATE'], resources: ownNames }],
    matchConditions: [stillThere],
    clusterWide: false,
  },
  {
    type: 'Validating',
    name: `validate.database.${GROUP}`,
    path: '/validate',
    rules: [
      { ...own, operations: ['CREATE', 'UPDATE', 'DELETE'], resources: ownNames },
      { ...own, operations: ['UPDATE'], resources: [`${Database.plural}/scale`] },
    ],
    matchConditions: [stillThere],
    clusterWide: false,
  },
  {
    // Deleting a definition deletes every object of its kind past their own webhooks: this is the only guard.
    type: 'Validating',
    name: `definitions.database.${GROUP}`,
    path: '/validate',
    rules: [
      {
        apiGroups: [CustomResourceDefinition.group],
        apiVersions: [CustomResourceDefinition.version],
        operations: ['DELETE'],
        scope: 'Cluster',
        resources: [CustomResourceDefinition.plural],
      },
    ],
    matchConditions: [ownDefinitions],
    clusterWide: true,
  },
];

/** What is the same for each: shared with the bundle, which has no configurations of its own. */
export const webhookSettings = {
  admissionReviewVersions: ['v1'],
  sideEffects: 'None',
  timeoutSeconds: 5,
  failurePolicy: 'Fail',
  matchPolicy: 'Equivalent',
} as const;

export interface ConfigurationOptions {
  /** Name of both configurations: `--webhook-configuration`. */
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** How the API server reaches the path of a webhook. */
  readonly clientConfig: (path: Webhook['path']) => object;
  /** Those that need to see all namespaces are left out when false. */
  readonly clusterWide?: boolean;
}

const configuration = (type: Webhook['type'], options: ConfigurationOptions): KubernetesObject => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: `${type}WebhookConfiguration`,
  metadata: {
    name: options.name,
    ...(options.labels !== undefined && { labels: options.labels }),
    ...(options.annotations !== undefined && { annotations: options.annotations }),
  },
  webhooks: webhooks
    .filter((webhook) => webhook.type === type && (!webhook.clusterWide || options.clusterWide !== false))
    .map(({ name, path, rules, matchConditions }) => ({
      name,
      ...webhookSettings,
      ...(type === 'Mutating' && { reinvocationPolicy: 'IfNeeded' }),
      clientConfig: options.clientConfig(path),
      rules,
      matchConditions,
    })),
});

/** Mutating, then validating; never with a caBundle: cert-manager or the operator puts it in. */
export const configurations = (options: ConfigurationOptions): readonly [KubernetesObject, KubernetesObject] => [
  configuration('Mutating', options),
  configuration('Validating', options),
];

/** `clientConfig` for a Service; the strings may be those of a chart's template. */
export const viaService =
  (namespace: string, name: string): ConfigurationOptions['clientConfig'] =>
  (path) => ({ service: { namespace, name, port: 443, path } });
