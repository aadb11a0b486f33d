/**
 * A real Prometheus where pods are reachable, configured as the Prometheus operator would from the ServiceMonitors and
 * PrometheusRules that are in the cluster; besides, it scrapes the kubelet and our operator.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse, stringify } from 'yaml';
import { createProgress } from '../../../tools/control-plane/progress.ts';
import { findPrometheus } from '../../../tools/prometheus/binaries.ts';
import { eventually, type Cluster, type Json } from '../cluster.ts';

export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface PrometheusServer {
  /** An instant query. */
  query(expression: string): Promise<readonly Sample[]>;
  /** Names of the alerts that fire for a Database. */
  firing(database: string): Promise<readonly string[]>;
  stop(): Promise<void>;
}

export interface PrometheusOptions {
  readonly cluster: Cluster;
  /** Under which the API server is reached where Prometheus runs. */
  readonly kubeconfig: string;
  readonly namespace: string;
  /** Of our operator, on the loopback there. */
  readonly operationsPort: number;
}

const port = 19_090;

interface Kubeconfig {
  readonly clusters: readonly { readonly cluster: Readonly<Record<string, string>> }[];
  readonly users: readonly { readonly user: Readonly<Record<string, string>> }[];
}

interface Endpoint {
  readonly port: string;
  readonly path: string;
  readonly interval: string;
  readonly relabelings?: readonly { readonly targetLabel: string; readonly replacement: string }[];
}

interface MonitorSpec {
  readonly namespaceSelector?: { readonly matchNames: readonly string[] };
  readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
  readonly endpoints: readonly Endpoint[];
}

const meta = (name: string): string => `__meta_kubernetes_${name.replace(/[^a-zA-Z0-9_]/g, '_')}`;

/** What the Prometheus operator makes of a ServiceMonitor, in its order. */
function scrapesOf(monitor: Json, kubeconfig: string): readonly object[] {
  const spec = monitor.spec as unknown as MonitorSpec;
  const namespaces = spec.namespaceSelector?.matchNames ?? [monitor.metadata.namespace ?? ''];
  return spec.endpoints.map((endpoint, index) => ({
    job_name: `serviceMonitor/${monitor.metadata.namespace ?? ''}/${monitor.metadata.name}/${index}`,
    scrape_interval: endpoint.interval,
    scrape_timeout: endpoint.interval,
    metrics_path: endpoint.path,
    kubernetes_sd_configs: [{ role: 'endpoints', kubeconfig_file: kubeconfig, namespaces: { names: namespaces } }],
    relabel_configs: [
      ...Object.entries(spec.selector.matchLabels).map(([label, value]) => ({
        action: 'keep',
        source_labels: [meta(`service_label_${label}`)],
        regex: value,
      })),
      { action: 'keep', source_labels: [meta('endpoint_port_name')], regex: endpoint.port },
      { source_labels: [meta('namespace')], target_label: 'namespace' },
      { source_labels: [meta('service_name')], target_label: 'service' },
      { source_labels: [meta('pod_name')], target_label: 'pod' },
      { source_labels: [meta('pod_container_name')], target_label: 'container' },
      { source_labels: [meta('service_name')], target_label: 'job' },
      { target_label: 'endpoint', replacement: endpoint.port },
      ...(endpoint.relabelings ?? []).map(({ targetLabel, replacement }) => ({
        target_label: targetLabel,
        replacement,
      })),
    ],
  }));
}

/** Files with the client certificate of the kubeconfig, for the kubelet's metrics through the API server. */
async function kubeletScrape({ cluster, kubeconfig }: PrometheusOptions, folder: string): Promise<object> {
  const config = parse(await readFile(kubeconfig, 'utf8')) as Kubeconfig;
  const put = async (name: string, encoded = ''): Promise<string> => {
    await writeFile(path.join(folder, name), Buffer.from(encoded, 'base64'), { mode: 0o600 });
    return path.join(folder, name);
  };
  const [server, user] = [config.clusters[0]?.cluster ?? {}, config.users[0]?.user ?? {}];
  const node = await cluster.expectKubectl(['get', 'nodes', '-o', 'jsonpath={.items[0].metadata.name}']);
  return {
    job_name: 'kubelet',
    honor_labels: true,
    scheme: 'https',
    metrics_path: `/api/v1/nodes/${node}/proxy/metrics`,
    tls_config: {
      ca_file: await put('ca.crt', server['certificate-authority-data']),
      cert_file: await put('client.crt', user['client-certificate-data']),
      key_file: await put('client.key', user['client-key-data']),
    },
    static_configs: [{ targets: [(server['server'] ?? '').replace('https://', '')] }],
  };
}

/** With what is in the namespace now. */
export async function startPrometheus(options: PrometheusOptions): Promise<PrometheusServer> {
  const { cluster, namespace, kubeconfig, operationsPort } = options;
  const { inside } = cluster;
  if (inside === undefined) throw new Error('this needs the cluster beside the repository: unset KUBECONFIG');
  const { prometheus } = await findPrometheus(createProgress(process.stderr));
  const folder = await mkdtemp(path.join(tmpdir(), 'prometheus-'));
  const file = (name: string): string => path.join(folder, name);
  const monitors = await cluster.list('servicemonitors', namespace);
  const rules = await cluster.list('prometheusrules', namespace);
  await writeFile(file('rules.yaml'), stringify({ groups: rules.flatMap(({ spec }) => spec?.['groups'] ?? []) }));
  const config = {
    global: { scrape_interval: '5s', scrape_timeout: '5s', evaluation_interval: '5s' },
    rule_files: [file('rules.yaml')],
    scrape_configs: [
      ...monitors.flatMap((monitor) => scrapesOf(monitor, kubeconfig)),
      await kubeletScrape(options, folder),
      {
        job_name: 'database-operator',
        scheme: 'https',
        tls_config: { insecure_skip_verify: true },
        static_configs: [{ targets: [`127.0.0.1:${operationsPort}`] }],
      },
    ],
  };
  await writeFile(file('prometheus.yaml'), stringify(config));
  const [leader, ...leading] = inside;
  const command = [
    prometheus,
    `--config.file=${file('prometheus.yaml')}`,
    `--storage.tsdb.path=${file('data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--log.level=warn',
  ];
  const child = spawn(leader, [...leading, 'sh', '-c', 'echo "pid $$"; exec "$@"', 'sh', ...command], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const end = (): void => {
    const pid = /^pid (\d+)$/m.exec(output)?.[1];
    if (pid !== undefined && child.exitCode === null) {
      spawnSync(leader, [...leading, 'kill', '-TERM', pid], { stdio: 'ignore' });
    }
  };
  process.once('exit', end);
  const ask = (route: string, more: readonly string[] = []): Promise<string> =>
    cluster.node(['curl', '-s', '--max-time', '10', ...more, `http://127.0.0.1:${port}${route}`]);
  await eventually(
    'Prometheus is ready',
    60_000,
    async () => (await ask('/-/ready').catch(() => '')).includes('Ready'),
    () => Promise.resolve(output),
  );
  return {
    query: async (expression) => {
      const answer = JSON.parse(await ask('/api/v1/query', ['--data-urlencode', `query=${expression}`])) as Answer;
      if (answer.status !== 'success') throw new Error(`${answer.error ?? 'no answer'}: ${expression}`);
      return answer.data.result.map(({ metric, value: [, value] }) => ({ metric, value: Number(value) }));
    },
    firing: async (database) => {
      const { data } = JSON.parse(await ask('/api/v1/alerts')) as AlertsAnswer;
      const ours = data.alerts.filter(({ labels, state }) => labels['database'] === database && state === 'firing');
      return [...new Set(ours.map(({ labels }) => labels['alertname'] ?? ''))].sort();
    },
    stop: async () => {
      process.off('exit', end);
      end();
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface Answer {
  readonly status: string;
  readonly error?: string;
  readonly data: {
    readonly result: readonly { readonly metric: Readonly<Record<string, string>>; readonly value: [number, string] }[];
  };
}

interface AlertsAnswer {
  readonly data: {
    readonly alerts: readonly { readonly labels: Readonly<Record<string, string>>; readonly state: string }[];
  };
}
