/** What helm makes of the chart: goldens for the main sets of values, refused values, and the API server's own opinion. */
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseAllDocuments } from 'yaml';
import { certificateChain } from '../../../tools/generate/certificates.ts';
import { findCluster, repository, type Cluster } from '../cluster.ts';

interface Rendered {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec: Readonly<Record<string, unknown>>;
  readonly rules?: readonly { readonly resources: readonly string[] }[];
  readonly webhooks?: readonly { readonly name: string; readonly namespaceSelector?: unknown }[];
}

const chart = path.join(repository, 'charts/database-operator');
const valueSets: Readonly<Record<string, readonly string[]>> = {
  default: [],
  selfsigned: ['webhook.certManager.enabled=false'],
  namespaced: ['watchNamespaces={team-a,team-b}', 'webhook.certManager.enabled=false', 'rbac.aggregate=false'],
  'namespaced-cert-manager': ['watchNamespaces={team-a}'],
  monitored: [
    'metrics.serviceMonitor.enabled=true',
    'metrics.prometheusRule.enabled=true',
    'metrics.dashboard.enabled=true',
    'networkPolicy.metricsFrom[0].namespaceSelector.matchLabels.name=monitoring',
  ],
  customized: [
    'replicaCount=3',
    'image.repository=example.org/mirror/database-operator',
    'image.tag=v9',
    'imagePullSecrets[0].name=mirror',
    'fullnameOverride=dbo',
    'serviceAccount.create=false',
    'serviceAccount.name=existing',
    'webhook.certManager.issuerRef.name=corporate',
    'webhook.certManager.issuerRef.kind=ClusterIssuer',
    'podAnnotations.a=b',
    'priorityClassName=system-cluster-critical',
    'crds.keep=false',
  ],
  'existing-secret': ['webhook.existingSecret=mine'],
  'no-webhook': ['webhook.enabled=false'],
};

describe('helm template', function () {
  this.timeout(60_000);
  let cluster: Cluster;
  const template = (sets: readonly string[], ...more: readonly string[]): Promise<string> =>
    cluster.helm([
      ...['template', 'database-operator', chart, '-n', 'database-system', ...more],
      ...sets.flatMap((set) => ['--set', set]),
    ]);
  const render = async (sets: readonly string[], ...more: readonly string[]): Promise<readonly Rendered[]> =>
    parseAllDocuments(await template(sets, ...more)).flatMap((one) => (one.toJS() as Rendered | null) ?? []);

  before(async () => {
    cluster = await findCluster([], (line) => void process.stderr.write(`  ${line}\n`));
  });

  it('has nothing that helm lint objects to', async () => {
    assert.match(await cluster.helm(['lint', '--strict', chart]), /0 chart\(s\) failed/);
  });

  for (const [name, sets] of Object.entries(valueSets)) {
    it(`renders ${name} as before`, async () => {
      const folder = path.join(import.meta.dirname, 'golden');
      const file = path.join(folder, `${name}.yaml`);
      const rendered = await template([...sets, 'crds.install=false'], '--kube-version', '1.36');
      await mkdir(folder, { recursive: true });
      if (process.env['UPDATE_GOLDEN'] === '1') await writeFile(file, rendered);
      assert.equal(rendered, await readFile(file, 'utf8'), `${name}.yaml differs: UPDATE_GOLDEN=1 writes it anew`);
    });
  }

  it('asks for no right beyond the watched namespaces, but for its own caBundle', async () => {
    for (const set of ['namespaced', 'namespaced-cert-manager']) {
      const objects = await render(valueSets[set] ?? []);
      const wide = objects.filter(
        ({ kind, metadata }) => kind === 'ClusterRole' && metadata.name === 'database-operator',
      );
      const resources = wide.flatMap(({ rules = [] }) => rules.flatMap((rule) => rule.resources));
      const allowed = set === 'namespaced' ? ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations'] : [];
      assert.deepEqual(resources.toSorted(), allowed);
      const roles = objects.filter(({ kind }) => kind === 'Role').map(({ metadata }) => metadata.namespace);
      assert.ok(roles.includes('team-a') && roles.includes('database-system'));
      const webhooks = objects.flatMap((one) => one.webhooks ?? []);
      assert.ok(webhooks.length > 0 && webhooks.every((one) => one.namespaceSelector !== undefined));
    }
  });

  it('makes the same chain of certificates as the plain manifests', async () => {
    const chain = certificateChain({
      name: 'database-webhook',
      namespace: 'database-system',
      certificateSecret: 'database-webhook-cert',
      labels: {},
    });
    const objects = await render([]);
    for (const { kind, metadata, ...rest } of chain) {
      const found = objects.find((one) => one.kind === kind && one.metadata.name === metadata.name);
      assert.deepEqual(found?.spec, rest['spec'], `${kind} ${metadata.name}`);
    }
  });

  it('keeps definitions unless told otherwise', async () => {
    assert.equal((await template([])).match(/helm\.sh\/resource-policy: keep/g)?.length, 6);
    assert.equal((await template(['crds.keep=false'])).match(/helm\.sh\/resource-policy: keep/g), null);
  });

  it('refuses a value that does not exist', async () => {
    await assert.rejects(template(['webhook.certmanager.enabled=false']), /certmanager/);
    await assert.rejects(template(['replicaCount=many']), /replicaCount/);
  });

  it('is accepted by the API server', async () => {
    const sets = [...(valueSets['selfsigned'] ?? []), 'crds.install=false'];
    const rendered = (await template(sets)).replaceAll('namespace: database-system', 'namespace: default');
    await cluster.expectKubectl(['apply', '--dry-run=server', '-n', 'default', '-f', '-'], { input: rendered });
  });
});
