/** The other ways to install (docs/install.md), each once: a bad object is refused, a good one runs, and the rest is left alone. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { eventually, repository, type Cluster } from '../cluster.ts';
import { prepareInstallation, system } from './installation.ts';
import { olmObjects } from './olm.ts';

const namespace = 'e2e-ways';
const other = 'e2e-ways-other';
const example = (name: string): Promise<string> => readFile(path.join(repository, 'examples', name), 'utf8');
const rollout = ['rollout', 'status', '-n', system, 'deployment/database-operator', '--timeout=120s'];

interface Way {
  readonly title: string;
  readonly sets?: readonly string[];
  readonly install?: (cluster: Cluster) => Promise<void>;
  readonly uninstall?: (cluster: Cluster) => Promise<void>;
  /** It serves `namespace` and nothing else, without a right beyond it. */
  readonly confined: boolean;
}

const ways: readonly Way[] = [
  {
    title: 'helm, for some namespaces, with certificates of its own',
    sets: [`watchNamespaces={${namespace}}`, 'webhook.certManager.enabled=false'],
    confined: true,
  },
  {
    title: 'plain manifests with cert-manager',
    install: async (cluster) => {
      await cluster.expectKubectl(['apply', '--server-side', '--force-conflicts', '-f', 'crds/']);
      await cluster.expectKubectl(['apply', '-k', 'webhook-config/operator']);
      await cluster.expectKubectl(['apply', '-k', 'webhook-config']);
    },
    uninstall: async (cluster) => {
      const configurations = 'validatingwebhookconfiguration,mutatingwebhookconfiguration';
      await cluster.expectKubectl(['delete', configurations, 'database-webhook']);
      await cluster.expectKubectl(['delete', '-k', 'webhook-config/operator'], { timeoutMs: 180_000 });
    },
    confined: false,
  },
  {
    title: 'the bundle, as OLM installs it for one namespace',
    install: async (cluster) => {
      await cluster.expectKubectl(['apply', '--server-side', '--force-conflicts', '-f', 'crds/']);
      const label = 'pod-security.kubernetes.io/enforce=restricted';
      await cluster.expectKubectl(['create', 'namespace', system]);
      await cluster.expectKubectl(['label', 'namespace', system, label]);
      await cluster.expectKubectl(['create', '-f', '-'], { input: await bundleYaml() });
    },
    uninstall: async (cluster) => {
      const input = await bundleYaml();
      await cluster.expectKubectl(['delete', '--ignore-not-found', '-f', '-'], { input, timeoutMs: 180_000 });
      await cluster.expectKubectl(['delete', 'namespace', system], { timeoutMs: 180_000 });
    },
    confined: true,
  },
];

const bundleYaml = async (): Promise<string> =>
  JSON.stringify({ apiVersion: 'v1', kind: 'List', items: await olmObjects(namespace) });

for (const { title, sets = [], install, uninstall, confined } of ways) {
  describe(title, function () {
    this.timeout(300_000);
    let cluster: Cluster;
    let takeAway: () => Promise<void>;

    before(async () => {
      const installation = await prepareInstallation(sets);
      cluster = installation.cluster;
      for (const name of [namespace, other]) await cluster.kubectl(['create', 'namespace', name]);
      takeAway = async () => {
        await (uninstall === undefined ? installation.uninstall() : uninstall(cluster));
        await cluster.kubectl(['delete', 'namespace', system], { timeoutMs: 180_000 });
      };
      await (install === undefined ? installation.install() : install(cluster));
      await cluster.expectKubectl(rollout, { timeoutMs: 150_000 });
    });
    after(async () => {
      await cluster.kubectl(['delete', 'databases', '--all', '-n', namespace, '--timeout=120s'], {
        timeoutMs: 150_000,
      });
      await takeAway();
      await cluster.kubectl(['delete', 'databases', '--all', '-n', other, '--timeout=60s'], { timeoutMs: 90_000 });
      await cluster.kubectl(['delete', 'namespace', namespace, other], { timeoutMs: 180_000 });
    });

    it('refuses a bad example and makes a good one run', async () => {
      const bad = await eventually('the webhook is called', 30_000, async () => {
        const args = ['apply', '-n', namespace, '-f', '-'];
        const answer = await cluster.kubectl(args, { input: await example('refused/many-faults.yaml') });
        return !answer.stderr.includes('failed calling webhook') && answer;
      });
      assert.match(bad.stderr, /is invalid[^]*metadata\.name[^]*spec\.replicas/);
      const input = await example('postgresql-minimal.yaml');
      await cluster.expectKubectl(['apply', '-n', namespace, '-f', '-'], { input });
      await eventually(
        'Database orders is Running',
        120_000,
        async () => (await cluster.get('database', namespace, 'orders'))?.status?.['phase'] === 'Running',
        async () => (await cluster.kubectl(['logs', '-n', system, 'deployment/database-operator'])).stdout.slice(-3000),
      );
    });

    if (!confined) return;
    it('leaves other namespaces alone, and could not do otherwise', async () => {
      const input = await example('postgresql-minimal.yaml');
      await cluster.expectKubectl(['apply', '-n', other, '-f', '-'], { input });
      const may = async (verb: string, resource: string, where: string): Promise<boolean> => {
        const as = `--as=system:serviceaccount:${system}:database-operator`;
        return (await cluster.kubectl(['auth', 'can-i', verb, resource, '-n', where, as])).stdout.trim() === 'yes';
      };
      for (const [verb, resource] of [
        ['list', 'secrets'],
        ['patch', 'databases.example.com'],
        ['delete', 'pods'],
      ] as const) {
        assert.equal(await may(verb, resource, namespace), true, `${verb} ${resource}`);
        assert.equal(await may(verb, resource, other), false, `${verb} ${resource}`);
      }
      const untouched = await cluster.get('database', other, 'orders');
      assert.equal(untouched?.metadata.finalizers, undefined);
      assert.equal(untouched?.status, undefined);
      assert.deepEqual(await cluster.list('statefulsets', other), []);
    });
  });
}
