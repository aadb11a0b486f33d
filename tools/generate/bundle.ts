/**
 * bundle/: the operator for the Operator Lifecycle Manager. OLM makes the certificate, the Service and the webhook
 * configurations itself. It knows no matchConditions, so two things are other than in a plain install: the definitions have no
 * guard of ours (one without conditions would stand before every deletion of any definition; OLM deletes none), and an object
 * on its way out is refused while the webhook is away.
 */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { engines } from '../../src/engines/index.ts';
import type { Database } from '../../src/api/types.generated.ts';
import type { Crd } from './crds.ts';
import { descriptorsOf } from './descriptors.ts';
import { icon } from './icon.ts';
import { deploymentSpec, operatorName, operatorRules } from './operator-deployment.ts';
import { imageOf } from './operator-manifests.ts';
import { commonLabels, podLabels, webhookPort } from './plain-manifests.ts';
import { webhooks, webhookSettings } from './webhook-configurations.ts';
import { generatedMark, toYaml } from './yaml.ts';

/** One for each kind, in the order shown; the Database first. */
const examples = [
  'postgresql-minimal',
  'postgresql-full',
  'user-full',
  'backup-full',
  'monitor-full',
  'tenants-full',
  'rediscluster-full',
];

/** Where OLM mounts the certificate of a webhook, as tls.crt and tls.key. */
const olmCertDir = '/tmp/k8s-webhook-server/serving-certs';

const description = `Databases that are refused kindly or run safely. Every write of a Database is checked before it is stored, with
all that is wrong in one answer and how to mend it; what is admitted becomes a running server with credentials, Services,
backups, metrics and a network policy.

This release runs **PostgreSQL, MySQL, MariaDB, MongoDB and Redis**, one member or several. A RedisCluster is checked and kept, and
its status says that it is not run yet.

Without settings, databases keep their volumes and credentials when they are deleted (\`deletionPolicy: Retain\`).
`;

interface Source {
  readonly version: string;
  readonly crds: readonly Crd[];
  /** Text of a file from the root. */
  readonly read: (file: string) => string;
}

const example = ({ read }: Pick<Source, 'read'>, name: string): Readonly<Record<string, unknown>> =>
  parse(read(`examples/${name}.yaml`)) as Readonly<Record<string, unknown>>;

/** What a mirror needs: the operator, and what it runs when no image is named. */
function relatedImages(source: Source): readonly { readonly name: string; readonly image: string }[] {
  const database = example(source, 'postgresql-minimal') as unknown as Database;
  return [
    { name: operatorName, image: imageOf(source.version) },
    ...engines.flatMap((engine) =>
      engine.runtime === undefined
        ? []
        : [
            ...engine.catalogue.lines.map(({ line }) => ({
              name: `${engine.name}-${line}`,
              image: engine.image(line),
            })),
            { name: `${engine.name}-exporter`, image: engine.runtime.exporter(database).image },
          ],
    ),
  ];
}

const owned = (crds: readonly Crd[]): readonly object[] =>
  crds.map((crd) => ({
    name: crd.file.replace(/^(.*)_(.*)\.yaml$/, '$2.$1'),
    kind: crd.kind,
    version: 'v1',
    displayName: crd.kind.replace(/([a-z])([A-Z])/g, '$1 $2'),
    description: crd.schema.description ?? '',
    specDescriptors: descriptorsOf(crd, 'spec'),
    statusDescriptors: descriptorsOf(crd, 'status'),
  }));

const webhookDefinitions = (): readonly object[] =>
  webhooks
    .filter(({ clusterWide }) => !clusterWide)
    .map(({ type, name, path, rules }) => ({
      type: `${type}AdmissionWebhook`,
      generateName: name,
      deploymentName: operatorName,
      containerPort: 443,
      targetPort: webhookPort,
      webhookPath: path,
      ...webhookSettings,
      ...(type === 'Mutating' && { reinvocationPolicy: 'IfNeeded' }),
      rules,
    }));

const permissionsFor = (...scopes: Parameters<typeof operatorRules>): object => ({
  serviceAccountName: operatorName,
  rules: operatorRules(...scopes),
});

function install({ version }: Source): object {
  const env = [
    { name: 'WATCH_NAMESPACE', valueFrom: { fieldRef: { fieldPath: "metadata.annotations['olm.targetNamespaces']" } } },
  ];
  const args = [`--cert-dir=${olmCertDir}`];
  const spec = deploymentSpec({ image: imageOf(version), args, env, certificateSecret: undefined });
  return {
    strategy: 'deployment',
    spec: {
      clusterPermissions: [permissionsFor('cluster')],
      permissions: [permissionsFor('watched', 'own')],
      deployments: [{ name: operatorName, label: { ...commonLabels, ...podLabels }, spec }],
    },
  };
}

function clusterServiceVersion(source: Source): object {
  const { version, crds } = source;
  return {
    apiVersion: 'operators.coreos.com/v1alpha1',
    kind: 'ClusterServiceVersion',
    metadata: {
      name: `${operatorName}.v${version}`,
      namespace: 'placeholder',
      annotations: {
        'alm-examples': JSON.stringify(
          examples.map((name) => example(source, name)),
          undefined,
          2,
        ),
        capabilities: 'Basic Install',
        categories: 'Database',
        containerImage: imageOf(version),
        description: 'PostgreSQL that is checked before it is stored and kept as it was asked for.',
        support: 'The database-operator maintainers',
      },
    },
    spec: {
      displayName: 'Database Operator',
      description,
      version,
      minKubeVersion: '1.30.0',
      maturity: 'alpha',
      provider: { name: 'The database-operator maintainers' },
      keywords: ['database', 'postgresql', 'backup', 'admission', ...engines.map(({ name }) => name).slice(1)],
      icon: [{ mediatype: 'image/svg+xml', base64data: Buffer.from(icon).toString('base64') }],
      installModes: ['OwnNamespace', 'SingleNamespace', 'MultiNamespace', 'AllNamespaces'].map((type) => ({
        type,
        supported: true,
      })),
      customresourcedefinitions: { owned: owned(crds) },
      install: install(source),
      webhookdefinitions: webhookDefinitions(),
      relatedImages: relatedImages(source),
    },
  };
}

/** Labels of the bundle's image; the same in annotations.yaml. */
export const bundleLabels: Readonly<Record<string, string>> = {
  'operators.operatorframework.io.bundle.mediatype.v1': 'registry+v1',
  'operators.operatorframework.io.bundle.manifests.v1': 'manifests/',
  'operators.operatorframework.io.bundle.metadata.v1': 'metadata/',
  'operators.operatorframework.io.bundle.package.v1': operatorName,
  'operators.operatorframework.io.bundle.channels.v1': 'alpha',
  'operators.operatorframework.io.bundle.channel.default.v1': 'alpha',
};

const dockerfile = (): string =>
  [
    generatedMark.trimEnd(),
    '# buildah build -f bundle/bundle.Dockerfile bundle',
    'FROM scratch',
    ...Object.entries(bundleLabels).map(([label, value]) => `LABEL ${label}=${value}`),
    'COPY manifests /manifests/',
    'COPY metadata /metadata/',
    '',
  ].join('\n');

/** File (from the root) → text. */
export function bundle(root: URL, version: string, crds: readonly Crd[]): readonly (readonly [string, string])[] {
  const read = (file: string): string => readFileSync(new URL(file, root), 'utf8');
  const csv = clusterServiceVersion({ version, crds, read });
  return [
    [`bundle/manifests/${operatorName}.clusterserviceversion.yaml`, `${generatedMark}${toYaml([csv])}`],
    ...crds.map(({ file }) => [`bundle/manifests/${file}`, read(`crds/${file}`)] as const),
    ['bundle/metadata/annotations.yaml', `${generatedMark}${toYaml([{ annotations: bundleLabels }])}`],
    ['bundle/bundle.Dockerfile', dockerfile()],
  ];
}
