/**
 * The checks that OLM's own validation makes of a bundle, and those of its good practices that a bundle without a catalogue can
 * meet, written down as tests: its library needs a Go toolchain and modules that not everybody has at hand.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { KubernetesObject } from '../../src/api/object.ts';
import { ownKinds } from '../../src/api/resources.ts';
import { validate } from '../../src/package.ts';
import { bundle, bundleLabels } from './bundle.ts';
import { readCrds, type Schema } from './crds.ts';
import type { Descriptor } from './descriptors.ts';

interface Webhook {
  readonly deploymentName: string;
  readonly webhookPath: string;
  readonly type: string;
}
interface Csv extends KubernetesObject {
  readonly metadata: KubernetesObject['metadata'] & { readonly annotations: Readonly<Record<string, string>> };
  readonly spec: {
    readonly version: string;
    readonly icon: readonly { readonly base64data: string; readonly mediatype: string }[];
    readonly installModes: readonly { readonly type: string; readonly supported: boolean }[];
    readonly minKubeVersion: string;
    readonly provider: { readonly name: string };
    readonly relatedImages: readonly { readonly name: string; readonly image: string }[];
    readonly customresourcedefinitions: { readonly owned: readonly Owned[] };
    readonly webhookdefinitions: readonly Webhook[];
    readonly install: { readonly spec: InstallSpec };
  };
}
interface Owned {
  readonly name: string;
  readonly kind: string;
  readonly version: string;
  readonly description: string;
  readonly specDescriptors: readonly Descriptor[];
  readonly statusDescriptors: readonly Descriptor[];
}
interface Rights {
  readonly serviceAccountName: string;
}
interface InstallSpec {
  readonly clusterPermissions: readonly Rights[];
  readonly permissions: readonly Rights[];
  readonly deployments: readonly { readonly name: string; readonly spec: DeploymentSpec }[];
}
interface DeploymentSpec {
  readonly template: {
    readonly spec: { readonly serviceAccountName: string; readonly containers: readonly Container[] };
  };
}
interface Container {
  readonly image: string;
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly valueFrom: { readonly fieldRef: { fieldPath: string } } }[];
  readonly resources: { readonly requests: object };
}

const root = new URL('../../', import.meta.url);
const { version } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { version: string };
const crds = readCrds(new URL('crds/', root));
const files = new Map(bundle(root, version, crds));
const csvText = files.get('bundle/manifests/database-operator.clusterserviceversion.yaml') ?? '';
const csv = parse(csvText) as Csv;
const owned = csv.spec.customresourcedefinitions.owned;
const [deployment] = csv.spec.install.spec.deployments;
const container = deployment!.spec.template.spec.containers[0]!;

describe('the OLM bundle', () => {
  it('is named after package and version, and small enough for an object', () => {
    assert.equal(csv.metadata.name, `database-operator.v${version}`);
    assert.match(csv.metadata.name, /^[a-z0-9-]+\.v\d+\.\d+\.\d+$/);
    assert.equal(csv.spec.version, version);
    assert.match(csv.spec.minKubeVersion, /^\d+\.\d+\.\d+$/);
    assert.ok(csv.spec.provider.name.length > 0);
    assert.ok(Buffer.byteLength(csvText) < 1_000_000);
  });

  it('owns exactly the definitions that are in it', () => {
    const inBundle = [...files.keys()].filter((file) => /manifests\/example\.com_/.test(file)).sort();
    assert.deepEqual(
      inBundle,
      owned.map(({ name }) => `bundle/manifests/${name.replace(/^(\w+)\.(.*)$/, '$2_$1')}.yaml`),
    );
    assert.deepEqual(owned.map(({ kind }) => kind).sort(), ownKinds.map(({ kind }) => kind).sort());
    for (const { name, version: served, kind, description } of owned) {
      const crd = parse(files.get(`bundle/manifests/example.com_${name.split('.')[0] ?? ''}.yaml`) ?? '') as {
        metadata: { name: string };
        spec: { names: { kind: string }; versions: { name: string }[] };
      };
      assert.equal(crd.metadata.name, name);
      assert.equal(crd.spec.names.kind, kind);
      assert.deepEqual(
        crd.spec.versions.map((one) => one.name),
        [served],
      );
      assert.ok(description.length > 20, kind);
    }
  });

  it('has an example of every kind, each of which admission lets through', () => {
    const examples = JSON.parse(csv.metadata.annotations['alm-examples'] ?? '') as KubernetesObject[];
    assert.deepEqual([...new Set(examples.map(({ kind }) => kind))].sort(), ownKinds.map(({ kind }) => kind).sort());
    for (const example of examples) {
      assert.equal(example.apiVersion, 'example.com/v1');
      assert.equal(example.metadata.namespace, undefined, 'the console sets the namespace');
      const verdict = validate(example, { now: new Date('2026-11-21T00:00:00Z') });
      assert.ok(verdict.allowed, `${example.kind} ${example.metadata.name}: ${JSON.stringify(verdict.violations)}`);
    }
  });

  it('describes only fields that exist, each once, in words', () => {
    for (const { kind, specDescriptors, statusDescriptors } of owned) {
      const { schema } = crds.find((crd) => crd.kind === kind)!;
      for (const [part, list] of [['spec', specDescriptors] as const, ['status', statusDescriptors] as const]) {
        assert.ok(list.length > 0, `${kind}.${part}`);
        assert.equal(new Set(list.map(({ path }) => path)).size, list.length);
        for (const { path, displayName, description } of list) {
          const field = path
            .split('.')
            .reduce<Schema | undefined>((at, name) => at?.properties?.[name], schema.properties?.[part]);
          assert.ok(field !== undefined, `${kind}.${part}.${path}`);
          assert.equal(description, field.description);
          assert.match(displayName, /^[A-Z0-9]/);
        }
      }
    }
    const size = owned
      .find(({ kind }) => kind === 'Database')
      ?.specDescriptors.find(({ path }) => path === 'storage.size');
    assert.equal(size?.displayName, 'Storage Size');
  });

  it('says which install modes it supports, and takes the namespaces from OLM', () => {
    assert.deepEqual(csv.spec.installModes.map(({ type }) => type).sort(), [
      'AllNamespaces',
      'MultiNamespace',
      'OwnNamespace',
      'SingleNamespace',
    ]);
    assert.ok(csv.spec.installModes.some(({ supported }) => supported));
    const watch = container.env.find(({ name }) => name === 'WATCH_NAMESPACE');
    assert.equal(watch?.valueFrom.fieldRef.fieldPath, "metadata.annotations['olm.targetNamespaces']");
    assert.ok(container.args.includes('--leader-elect'));
    assert.ok(container.args.some((arg) => arg.startsWith('--cert-dir=/tmp/k8s-webhook-server')));
  });

  it('gives the rights to the account that the pods run under, and routes webhooks to them', () => {
    const { clusterPermissions, permissions } = csv.spec.install.spec;
    for (const { serviceAccountName } of [...clusterPermissions, ...permissions]) {
      assert.equal(serviceAccountName, deployment?.spec.template.spec.serviceAccountName);
    }
    assert.deepEqual(
      csv.spec.webhookdefinitions.map(({ type, webhookPath }) => [type, webhookPath]),
      [
        ['MutatingAdmissionWebhook', '/mutate'],
        ['ValidatingAdmissionWebhook', '/validate'],
      ],
    );
    for (const { deploymentName } of csv.spec.webhookdefinitions) assert.equal(deploymentName, deployment?.name);
    // Without matchConditions, which OLM does not have, these would stand before other people's deletions.
    assert.ok(!JSON.stringify(csv.spec.webhookdefinitions).includes('customresourcedefinitions'));
  });

  it('lists every image once, its own among them, and asks for resources', () => {
    const images = csv.spec.relatedImages;
    assert.equal(new Set(images.map(({ name }) => name)).size, images.length);
    assert.ok(images.some(({ image }) => image === container.image));
    assert.equal(container.image, `database-operator:v${version}`);
    assert.equal(csv.metadata.annotations['containerImage'], container.image);
    assert.ok(images.some(({ image }) => image === 'postgres:17'));
    assert.ok('memory' in container.resources.requests && 'cpu' in container.resources.requests);
  });

  it('has a picture, a level and a category that catalogues know', () => {
    const [picture] = csv.spec.icon;
    assert.equal(picture?.mediatype, 'image/svg+xml');
    assert.match(Buffer.from(picture.base64data, 'base64').toString(), /^<svg [^]*<\/svg>\n$/);
    const levels = ['Basic Install', 'Seamless Upgrades', 'Full Lifecycle', 'Deep Insights', 'Auto Pilot'];
    assert.ok(levels.includes(csv.metadata.annotations['capabilities'] ?? ''));
    assert.equal(csv.metadata.annotations['categories'], 'Database');
  });

  it('has the same labels in its metadata and its image', () => {
    const { annotations } = parse(files.get('bundle/metadata/annotations.yaml') ?? '') as { annotations: object };
    assert.deepEqual(annotations, bundleLabels);
    const dockerfile = files.get('bundle/bundle.Dockerfile') ?? '';
    for (const [label, value] of Object.entries(bundleLabels))
      assert.ok(dockerfile.includes(`LABEL ${label}=${value}\n`));
  });
});
