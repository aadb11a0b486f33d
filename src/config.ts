/**
 * Flags and environment, read once. A flag goes before its environment variable. All faults are told at once, because a
 * container that restarts for each of five typos costs five rollouts. Nothing else in the program reads the environment.
 */
import type { Environment } from './flag-values.ts';
import { fromArguments, fromEnvironment, reader } from './flag-values.ts';

export interface Config {
  readonly port: number;
  readonly opsPort: number;
  readonly bindAddress: string;
  /** Whether the operations port speaks TLS. */
  readonly opsTls: boolean;
  readonly tls: 'files' | 'selfsigned';
  /** Undefined with selfsigned: kept in a Secret or in memory. */
  readonly certDir: string | undefined;
  readonly tlsMinVersion: 'TLSv1.2' | 'TLSv1.3';
  /** DNS names and addresses that a self-signed certificate is for. */
  readonly webhookHosts: readonly string[];
  /** Name of both webhook configurations whose caBundle selfsigned keeps right. */
  readonly webhookConfiguration: string;
  readonly controllers: boolean;
  readonly leaderElect: boolean;
  readonly leaderElectionName: string;
  /** Empty: all. */
  readonly watchNamespaces: readonly string[];
  /** `--kubeconfig` as given. */
  readonly kubeconfig: string | undefined;
  /** Where the operator itself lives; undefined: the connection's own. */
  readonly namespace: string | undefined;
  /** Name of the pod, for the Lease and the logs. */
  readonly podName: string | undefined;
  /** Its uid; undefined outside a pod, or where nobody gave it. */
  readonly podUid: string | undefined;
  /** Image of the container that moves backups; undefined: no backups are made. */
  readonly agentImage: string | undefined;
  /** Workers of each controller. */
  readonly concurrency: number;
  /** Whether /metrics has series of each Database. */
  readonly databaseMetrics: boolean;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  /** Milliseconds. */
  readonly drainQuiet: number;
  readonly drainTimeout: number;
  /** What kubeconfig loading may look at: paths and addresses, never logged. */
  readonly clusterEnvironment: Environment;
}

export type ConfigResult =
  { readonly ok: true; readonly config: Config } | { readonly ok: false; readonly problems: readonly string[] };

/** `args` are those after `serve`. */
export function readConfig(args: readonly string[], env: Environment): ConfigResult {
  const problems: string[] = [];
  const values = { ...fromEnvironment(env), ...fromArguments(args, problems) };
  const inPod = (env['KUBERNETES_SERVICE_HOST'] ?? '') !== '';
  const read = reader(values, problems);
  const tls = read.choice('tls', ['files', 'selfsigned']);
  const config: Config = Object.freeze({
    port: read.port('port'),
    opsPort: read.port('ops-port'),
    bindAddress: read.text('bind-address'),
    opsTls: read.boolean('ops-tls'),
    tls,
    certDir: values['cert-dir'] ?? (tls === 'files' ? defaultCertDir : undefined),
    tlsMinVersion: read.choice('tls-min-version', ['1.2', '1.3']) === '1.2' ? 'TLSv1.2' : 'TLSv1.3',
    webhookHosts: Object.freeze(read.list('webhook-host')),
    webhookConfiguration: read.text('webhook-configuration'),
    controllers: read.boolean('controllers'),
    leaderElect: read.boolean('leader-elect'),
    leaderElectionName: read.text('leader-election-name'),
    watchNamespaces: Object.freeze(read.namespaces('watch-namespace')),
    kubeconfig: values.kubeconfig,
    namespace: values.namespace,
    podName: env['POD_NAME'] ?? env['HOSTNAME'],
    podUid: env['POD_UID'] || undefined,
    agentImage: read.text('agent-image') || undefined,
    concurrency: read.integer('concurrency', 1, 64),
    databaseMetrics: read.boolean('database-metrics'),
    logLevel: read.choice('log-level', ['debug', 'info', 'warn', 'error']),
    drainQuiet: read.duration('drain-quiet', inPod ? 15_000 : 1_000),
    drainTimeout: read.duration('drain-timeout', 45_000),
    clusterEnvironment: Object.freeze(Object.fromEntries(clusterVariables.map((name) => [name, env[name]]))),
  });
  checkTogether(config, problems);
  return problems.length > 0 ? { ok: false, problems } : { ok: true, config };
}

/** For the log. */
export function printable(config: Config): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(config).filter(([name]) => name !== 'clusterEnvironment'));
}

/** Where the chart mounts the certificate. */
export const defaultCertDir = '/etc/database-operator/certs';
const clusterVariables = ['KUBECONFIG', 'HOME', 'KUBERNETES_SERVICE_HOST', 'KUBERNETES_SERVICE_PORT'];

function checkTogether(config: Config, problems: string[]): void {
  if (config.port === config.opsPort && config.port !== 0) {
    problems.push(`--port and --ops-port are both ${config.port}: give each its own`);
  }
  if (config.webhookHosts.length === 0) problems.push('--webhook-host is empty: name at least one host');
  if (config.drainTimeout < config.drainQuiet) {
    problems.push('--drain-timeout is shorter than --drain-quiet: make it at least as long');
  }
}

/** Where the agent of a backup pod finds its order, its pipes and the place for its result. */
export interface AgentConfig {
  readonly orderFile: string;
  readonly exchangeDirectory: string;
  readonly terminationLog: string;
}

export const readAgentConfig = (environment: Environment): AgentConfig => ({
  orderFile: environment['AGENT_ORDER'] ?? '/etc/database-operator/order/order.json',
  exchangeDirectory: environment['EXCHANGE'] ?? '/exchange',
  terminationLog: environment['TERMINATION_LOG'] ?? '/dev/termination-log',
});
