/** webhook-config/: what a cluster needs beside the CRDs and the operator itself, for kustomize or plain kubectl. */
import type { KubernetesObject } from '../../src/api/object.ts';
import { certificateChain } from './certificates.ts';
import { configurations, viaService } from './webhook-configurations.ts';
import { generatedMark, toYaml } from './yaml.ts';

/** Fixed names of the plain manifests; a chart may give others. */
export const names = {
  namespace: 'database-system',
  service: 'database-webhook',
  configurations: 'database-webhook',
  certificateSecret: 'database-webhook-cert',
} as const;

export const commonLabels = {
  'app.kubernetes.io/name': 'database-operator',
  'app.kubernetes.io/part-of': 'database-operator',
} as const;

/** Labels of the operator's pods, and what its Services select. */
export const podLabels = {
  'app.kubernetes.io/name': 'database-operator',
  'app.kubernetes.io/component': 'operator',
} as const;

export const webhookPort = 9443;
export const operationsPort = 8443;

const webhookLabels = { ...commonLabels, 'app.kubernetes.io/component': 'webhook' };

const service: KubernetesObject = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: names.service, namespace: names.namespace, labels: webhookLabels },
  spec: {
    selector: podLabels,
    ports: [{ name: 'webhook', port: 443, targetPort: webhookPort, protocol: 'TCP' }],
  },
};

/** File (from the root) → text. */
export function plainManifests(): readonly (readonly [string, string])[] {
  const [mutating, validating] = configurations({
    name: names.configurations,
    labels: webhookLabels,
    clientConfig: viaService(names.namespace, names.service),
  });
  const chain = certificateChain({ ...names, name: names.service, labels: webhookLabels });
  const file = (name: string, objects: readonly object[]): readonly [string, string] => [
    `webhook-config/${name}.yaml`,
    `${generatedMark}${toYaml(objects)}`,
  ];
  return [
    file('mutating', [mutating]),
    file('validating', [validating]),
    file('service', [service]),
    file('cert-manager/certificate', chain),
  ];
}
