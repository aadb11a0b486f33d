/** Puts the operator up: CRDs, webhook configurations, namespace, and the process itself with its own certificates. */
import { readdirSync } from 'node:fs';
import { get } from 'node:https';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Progress } from '../control-plane/progress.ts';
import { freePort, startServer, untilReady } from '../control-plane/process.ts';
import { webhookConfigurations } from '../webhook-configurations.ts';
import type { Cleanup } from './cleanup.ts';
import { namespace, repository, type DemoCluster } from './cluster.ts';

export interface InstallOptions {
  /** Name or address under which the API server reaches this machine. */
  readonly webhookHost: string;
  /** Of the webhook; undefined: a free one. */
  readonly port: number | undefined;
}

const webhooks = 'validatingwebhookconfiguration,mutatingwebhookconfiguration';

export async function install(
  cluster: DemoCluster,
  options: InstallOptions,
  cleanup: Cleanup,
  progress: Progress,
): Promise<void> {
  const contents: Cleanup['add'] = cluster.throwAway ? () => undefined : cleanup.add;
  await refuseSecondOperator(cluster);
  progress.status('installing the CRDs');
  await installCrds(cluster, contents);
  const port = options.port ?? (await freePort());
  progress.status('starting the operator');
  contents('the webhook configurations', () =>
    cluster.expect(['delete', webhooks, 'database-webhook', '--ignore-not-found']),
  );
  const manifests = webhookConfigurations(`https://${options.webhookHost}:${port}`);
  await cluster.expect(['apply', '--server-side', '-f', '-'], manifests);
  await startOperator(cluster, options.webhookHost, port, cleanup);
  if (cluster.throwAway) await createStorageClass(cluster);
  await cluster.expect(['create', 'namespace', namespace]);
  contents(`namespace ${namespace}`, () => removeNamespace(cluster));
  progress.status('waiting for the webhook');
  await untilAdmissionAnswers(cluster);
}

/** Two operators would fight over the same objects. */
async function refuseSecondOperator(cluster: DemoCluster): Promise<void> {
  const found = await cluster.expect(['get', webhooks, 'database-webhook', '-o', 'name', '--ignore-not-found']);
  if (found.trim() !== '') {
    throw new Error(
      'this cluster has the webhook configuration "database-webhook": an operator is installed, use another cluster',
    );
  }
  const left = await cluster.expect(['get', 'namespace', namespace, '-o', 'name', '--ignore-not-found']);
  if (left.trim() !== '') throw new Error(`namespace ${namespace} exists: delete it first`);
}

async function installCrds(cluster: DemoCluster, cleanUp: Cleanup['add']): Promise<void> {
  const before = new Set((await cluster.expect(['get', 'crd', '-o', 'name'])).trim().split('\n'));
  const folder = path.join(repository, 'crds');
  const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'));
  const args = files.flatMap((file) => ['-f', path.join(folder, file)]);
  const names = (await cluster.expect(['apply', '--server-side', '--force-conflicts', ...args, '-o', 'name']))
    .trim()
    .split('\n')
    .map((name) => name.replace(/ .*$/, ''));
  // CRDs that were there already belong to somebody.
  const ours = names.filter((name) => !before.has(name));
  if (ours.length > 0) cleanUp('the CRDs', () => cluster.expect(['delete', ...ours, '--ignore-not-found']));
  await cluster.expect(['wait', '--for=condition=Established', '--timeout=30s', ...names]);
}

async function startOperator(cluster: DemoCluster, host: string, port: number, cleanup: Cleanup): Promise<void> {
  const operations = await freePort();
  const server = startServer({
    name: 'the operator',
    binary: process.execPath,
    args: [
      path.join(repository, 'src/main.ts'),
      'serve',
      `--kubeconfig=${cluster.kubeconfig}`,
      '--tls=selfsigned',
      `--cert-dir=${path.join(cluster.folder, 'certificates')}`,
      `--webhook-host=${host}`,
      `--port=${port}`,
      `--ops-port=${operations}`,
    ],
    logFile: path.join(cluster.folder, 'operator.log'),
  });
  cleanup.add('the operator', () => server.kill());
  await untilReady(server, 30_000, async () => (await status(`https://127.0.0.1:${operations}/readyz`)) === 200);
}

/** HTTP status; the certificate is one that the operator made a moment ago. */
function status(url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = get(url, { rejectUnauthorized: false, agent: false, timeout: 1000 }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.on('timeout', () => request.destroy(new Error(`no answer from ${url}`)));
    request.on('error', reject);
  });
}

/** A dry run that only the webhook can refuse: its certificate is trusted and the API server has seen the configuration. */
async function untilAdmissionAnswers(cluster: DemoCluster): Promise<void> {
  const probe = JSON.stringify({
    apiVersion: 'example.com/v1',
    kind: 'Database',
    metadata: { name: 'probe-primary' },
    spec: { engine: 'postgresql', version: '17', storage: { size: '1Gi' } },
  });
  const end = Date.now() + 30_000;
  for (;;) {
    const { stderr } = await cluster.kubectl(['apply', '--dry-run=server', '-f', '-'], probe);
    if (stderr.includes('metadata.name')) return;
    if (Date.now() > end) {
      throw new Error(`the API server can't call the webhook: is --webhook-host right?\n${stderr}`);
    }
    await delay(100);
  }
}

/** Data of the demo goes with it: its Databases are set to `Delete` first. */
async function removeNamespace(cluster: DemoCluster): Promise<void> {
  const databases = (await cluster.expect(['get', 'databases', '-o', 'name'])).trim();
  const disposable = '{"spec":{"deletionProtection":false,"deletionPolicy":"Delete"}}';
  for (const name of databases === '' ? [] : databases.split('\n')) {
    await cluster.expect(['patch', name, '--type', 'merge', '-p', disposable]);
  }
  await cluster.expect(['delete', 'databases', '--all', '--timeout=90s']);
  await cluster.expect(['delete', 'namespace', namespace, '--timeout=90s']);
}

/** A cluster has one; without it every answer here would warn that volumes can't be made. */
async function createStorageClass(cluster: DemoCluster): Promise<void> {
  const storageClass = {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'standard', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
    provisioner: 'kubernetes.io/no-provisioner',
    volumeBindingMode: 'WaitForFirstConsumer',
    allowVolumeExpansion: true,
  };
  await cluster.expect(['apply', '-f', '-'], JSON.stringify(storageClass));
}
