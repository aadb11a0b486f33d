/**
 * The certificate from cert-manager. A CA of its own signs the leaf: when the leaf is renewed, the caBundle stays as it is,
 * so no write fails meanwhile. A leaf that signs itself would have an outage at every renewal.
 */
import type { KubernetesObject } from '../../src/api/object.ts';

export interface ChainOptions {
  /** Of the Service, of the leaf, and the prefix of the others. */
  readonly name: string;
  readonly namespace: string;
  readonly certificateSecret: string;
  readonly labels: Readonly<Record<string, string>>;
}

const privateKey = { algorithm: 'ECDSA', size: 256, rotationPolicy: 'Always' };

/** SelfSigned issuer → CA → CA issuer → leaf, in that order. */
export function certificateChain({ name, namespace, certificateSecret, labels }: ChainOptions): KubernetesObject[] {
  const object = (kind: 'Issuer' | 'Certificate', called: string, spec: object): KubernetesObject => ({
    apiVersion: 'cert-manager.io/v1',
    kind,
    metadata: { name: called, namespace, labels },
    spec,
  });
  return [
    object('Issuer', `${name}-root`, { selfSigned: {} }),
    object('Certificate', `${name}-ca`, {
      isCA: true,
      commonName: `${name} CA`,
      secretName: `${name}-ca`,
      duration: '87600h',
      renewBefore: '8760h',
      // A new key would make every certificate signed by the old one unknown at once, for only one CA is injected. With the
      // same key and name, what was signed before is trusted by the renewed CA as well.
      privateKey: { ...privateKey, rotationPolicy: 'Never' },
      issuerRef: { name: `${name}-root`, kind: 'Issuer' },
    }),
    object('Issuer', `${name}-ca`, { ca: { secretName: `${name}-ca` } }),
    object('Certificate', name, {
      secretName: certificateSecret,
      duration: '2160h',
      renewBefore: '720h',
      dnsNames: [`${name}.${namespace}.svc`, `${name}.${namespace}.svc.cluster.local`],
      usages: ['digital signature', 'server auth'],
      privateKey,
      issuerRef: { name: `${name}-ca`, kind: 'Issuer' },
    }),
  ];
}

/** On a webhook configuration: cert-manager puts the CA of this Certificate into the caBundle. */
export const injection = (namespace: string, name: string): Readonly<Record<string, string>> => ({
  'cert-manager.io/inject-ca-from': `${namespace}/${name}`,
});
