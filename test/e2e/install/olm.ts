/**
 * What the Operator Lifecycle Manager makes of bundle/ when it installs into one namespace and watches another: rights,
 * certificate, Deployment, Service and webhook configurations. OLM itself is not on the node.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import type { KubernetesObject } from '../../../src/api/object.ts';
import { hostNames, issue } from '../../../src/server/issuer.ts';
import { repository } from '../cluster.ts';
import { system } from './installation.ts';

interface Permission {
  readonly serviceAccountName: string;
  readonly rules: readonly unknown[];
}

interface PodSpec {
  readonly volumes?: readonly object[];
  readonly containers: readonly { readonly volumeMounts?: readonly object[] }[];
}

interface DeploymentSpec {
  readonly template: { readonly metadata: object; readonly spec: PodSpec };
}

interface ServiceVersion {
  readonly spec: {
    readonly install: {
      readonly spec: {
        readonly clusterPermissions: readonly Permission[];
        readonly permissions: readonly Permission[];
        readonly deployments: readonly {
          readonly name: string;
          readonly label: object;
          readonly spec: DeploymentSpec;
        }[];
      };
    };
    readonly webhookdefinitions: readonly {
      readonly type: string;
      readonly generateName: string;
      readonly containerPort: number;
      readonly targetPort: number;
      readonly webhookPath: string;
      readonly [setting: string]: unknown;
    }[];
  };
}

const service = 'database-operator-service';
const certificate = 'database-operator-service-cert';
const rbac = 'rbac.authorization.k8s.io';

/** For an OperatorGroup whose target is `target`. */
export async function olmObjects(target: string): Promise<readonly KubernetesObject[]> {
  const file = path.join(repository, 'bundle/manifests/database-operator.clusterserviceversion.yaml');
  const { spec } = parse(await readFile(file, 'utf8')) as ServiceVersion;
  const { clusterPermissions, permissions, deployments } = spec.install.spec;
  const hosts = hostNames([`${service}.${system}.svc`]);
  const { ca, leaf } = await issue({ hosts, now: Date.now(), caDays: 700, leafDays: 700 });
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'database-operator', namespace: system } },
    ...clusterPermissions.flatMap(({ rules }) => bound('ClusterRole', undefined, rules)),
    // OLM grants them in every target namespace, and in the operator's own.
    ...[target, system].flatMap((namespace) => permissions.flatMap(({ rules }) => bound('Role', namespace, rules))),
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: certificate, namespace: system },
      stringData: { 'tls.crt': leaf.cert, 'tls.key': leaf.key, olmCAKey: ca.cert },
    },
    ...deployments.map(({ name, label, spec: deployment }) => ({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace: system, labels: label as Readonly<Record<string, string>> },
      spec: withCertificate(deployment, target),
    })),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: service, namespace: system },
      spec: {
        selector: { 'app.kubernetes.io/name': 'database-operator', 'app.kubernetes.io/component': 'operator' },
        ports: [{ name: '443', port: 443, targetPort: spec.webhookdefinitions[0]?.targetPort }],
      },
    },
    ...spec.webhookdefinitions.map((definition) => configuration(definition, target, ca.cert)),
  ];
}

function bound(
  kind: 'Role' | 'ClusterRole',
  namespace: string | undefined,
  rules: readonly unknown[],
): readonly KubernetesObject[] {
  const metadata = { name: 'database-operator-olm', ...(namespace !== undefined && { namespace }) };
  return [
    { apiVersion: `${rbac}/v1`, kind, metadata, rules },
    {
      apiVersion: `${rbac}/v1`,
      kind: `${kind}Binding`,
      metadata,
      roleRef: { apiGroup: rbac, kind, name: metadata.name },
      subjects: [{ kind: 'ServiceAccount', name: 'database-operator', namespace: system }],
    },
  ];
}

/** OLM mounts the certificate at both places, and notes the targets on the pods. */
function withCertificate(spec: DeploymentSpec, target: string): object {
  const items = [
    { key: 'tls.crt', path: 'tls.crt' },
    { key: 'tls.key', path: 'tls.key' },
  ];
  const { metadata, spec: pod } = spec.template;
  return {
    ...spec,
    template: {
      metadata: { ...metadata, annotations: { 'olm.targetNamespaces': target } },
      spec: {
        ...pod,
        volumes: [{ name: 'webhook-cert', secret: { secretName: certificate, items } }, ...(pod.volumes ?? [])],
        containers: pod.containers.map((container) => ({
          ...container,
          volumeMounts: [
            { name: 'webhook-cert', mountPath: '/tmp/k8s-webhook-server/serving-certs' },
            ...(container.volumeMounts ?? []),
          ],
        })),
      },
    },
  };
}

/** Fields of a webhook definition that a webhook itself does not have. */
const ofOlm = ['type', 'generateName', 'containerPort', 'webhookPath', 'targetPort', 'deploymentName'];

function configuration(
  definition: ServiceVersion['spec']['webhookdefinitions'][number],
  target: string,
  ca: string,
): KubernetesObject {
  const { type, generateName, containerPort, webhookPath } = definition;
  const settings = Object.entries(definition).filter(([name]) => !ofOlm.includes(name));
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: type.replace('AdmissionWebhook', 'WebhookConfiguration'),
    metadata: { name: `${generateName}-olm` },
    webhooks: [
      {
        ...Object.fromEntries(settings),
        name: generateName,
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': target } },
        clientConfig: {
          service: { name: service, namespace: system, path: webhookPath, port: containerPort },
          caBundle: Buffer.from(ca).toString('base64'),
        },
      },
    ],
  };
}
