/** webhook-config/ on a real API server, and what a cluster is like while nobody answers behind it. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { parseAllDocuments } from 'yaml';
import { webhookConfigurations } from '../../tools/webhook-configurations.ts';
import {
  applyYaml,
  eventually,
  expectKubectl,
  installCrds,
  kubectl,
  repository,
  uniqueNamespace,
  type KubectlOutput,
} from './harness.ts';

const both = 'validatingwebhookconfiguration,mutatingwebhookconfiguration';

const database = (name: string, more = ''): string => `apiVersion: example.com/v1
kind: Database
metadata:
  name: ${name}
  finalizers: [example.com/test]
spec: { engine: postgresql, version: "17", storage: { size: 1Gi }${more} }
`;

describe('webhook-config', function () {
  this.timeout(60_000);

  it('is accepted by the API server as kustomize renders it', async () => {
    const rendered = await expectKubectl(['kustomize', path.join(repository, 'webhook-config')]);
    const documents = parseAllDocuments(rendered).map((one) => one.toJS() as { apiVersion: string; kind: string });
    const kinds = documents.map(({ kind }) => kind).sort();
    assert.deepEqual(
      kinds.filter((kind) => kind !== 'Issuer' && kind !== 'Certificate'),
      ['MutatingWebhookConfiguration', 'Service', 'ValidatingWebhookConfiguration'],
    );
    assert.equal(kinds.length, 7);
    await kubectl(['create', 'namespace', 'database-system']);
    // The kinds of cert-manager are not installed here; theirs is seen on a real node.
    const known = documents.filter(({ apiVersion }) => apiVersion !== 'cert-manager.io/v1');
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: known });
    await expectKubectl(['apply', '--dry-run=server', '--validate=strict', '-f', '-'], list);
    const annotated = documents.filter((one) => JSON.stringify(one).includes('cert-manager.io/inject-ca-from'));
    assert.equal(annotated.length, 2);
  });

  it('brings the operator with it, and its pods meet the restricted standard', async () => {
    const rendered = await expectKubectl(['kustomize', path.join(repository, 'webhook-config/operator')]);
    await expectKubectl(['apply', '--server-side', '--force-conflicts', '--validate=strict', '-f', '-'], rendered);
    try {
      const template = await expectKubectl([
        ...['get', 'deployment', 'database-operator', '-n', 'database-system'],
        ...['-o', 'jsonpath={.spec.template}'],
      ]);
      const pod = { apiVersion: 'v1', kind: 'Pod', ...(JSON.parse(template) as { metadata: object; spec: object }) };
      const named = { ...pod, metadata: { ...pod.metadata, name: 'probe' } };
      const create = ['create', '--dry-run=server', '-n', 'database-system', '-f', '-'];
      await expectKubectl(create, JSON.stringify(named));
      const { stderr } = await kubectl(
        create,
        JSON.stringify({ ...named, spec: { ...named.spec, hostNetwork: true } }),
      );
      assert.match(stderr, /violates PodSecurity "restricted/);
    } finally {
      await kubectl(['delete', 'deployment,pdb', 'database-operator', '-n', 'database-system', '--wait=false']);
    }
  });

  describe('while nobody answers', () => {
    let namespace: string;
    const inNamespace = (...args: string[]): Promise<KubectlOutput> => kubectl([...args, '-n', namespace]);
    const patch = (...args: string[]): Promise<KubectlOutput> =>
      inNamespace('patch', 'database', ...args.slice(0, 1), '--type', 'merge', '-p', ...args.slice(1));

    before(async () => {
      await installCrds();
      namespace = await uniqueNamespace('webhook-down');
      for (const name of ['going', 'staying']) {
        const { code, stderr } = await applyYaml(database(name), namespace);
        assert.equal(code, 0, stderr);
      }
      await inNamespace('delete', 'database', 'going', '--wait=false');
      // Port 9 of this machine: nothing listens.
      await expectKubectl(['apply', '-f', '-'], webhookConfigurations('https://127.0.0.1:9'));
      await eventually(async () => (await applyYaml(database('probe'), namespace)).code !== 0);
    });
    after(async () => {
      await kubectl(['delete', both, 'database-webhook', '--ignore-not-found']);
      for (const name of ['going', 'staying', 'probe']) await patch(name, '{"metadata":{"finalizers":null}}');
    });

    it('a Database is not written, and the error says which webhook is missing', async () => {
      const { code, stderr } = await applyYaml(database('new'), namespace);
      assert.notEqual(code, 0);
      assert.match(stderr, /failed calling webhook "mutate\.database\.example\.com"/);
    });

    it('everything else is written as ever, Databases’ status included', async () => {
      await expectKubectl(['create', 'configmap', 'other', '-n', namespace]);
      await expectKubectl([
        ...['patch', 'database', 'staying', '-n', namespace, '--subresource=status', '--type=merge'],
        ...['-p', '{"status":{"phase":"Running"}}'],
      ]);
    });

    it('a deleted Database is not changed, but can lose its finalizer', async () => {
      const change = await patch('going', '{"spec":{"replicas":2}}');
      assert.match(change.stderr, /failed calling webhook/);
      const { code, stderr } = await patch('going', '{"metadata":{"finalizers":null}}');
      assert.equal(code, 0, stderr);
      assert.match((await inNamespace('get', 'database', 'going')).stderr, /NotFound/);
    });

    it('a definition of ours is not deleted, one of somebody else is', async () => {
      const ours = await kubectl(['delete', 'crd', 'databases.example.com', '--dry-run=server']);
      assert.match(ours.stderr, /failed calling webhook "definitions\.database\.example\.com"/);
      const foreign = {
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        metadata: { name: 'things.other.example.org' },
        spec: {
          group: 'other.example.org',
          scope: 'Namespaced',
          names: { plural: 'things', singular: 'thing', kind: 'Thing' },
          versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
        },
      };
      await expectKubectl(['apply', '-f', '-'], JSON.stringify(foreign));
      await expectKubectl(['delete', 'crd', 'things.other.example.org']);
    });

    it('the emergency exit lets writes through again: the schema and its CEL rules still hold', async () => {
      await expectKubectl(['delete', both, 'database-webhook']);
      await eventually(async () => (await applyYaml(database('probe'), namespace)).code === 0);
      const { stderr } = await applyYaml(database('refused', ', replicas: 99'), namespace);
      assert.match(stderr, /spec\.replicas/);
    });
  });
});
