/** What every end-to-end group starts from: CRDs, webhooks, the operator, a restricted namespace and a client pod. */
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { stringify } from 'yaml';
import { eventually, findCluster, repository, type Cluster, type Json } from './cluster.ts';
import { webhookConfigurations } from '../../tools/webhook-configurations.ts';
import { startOperator, type Operator } from '../operator.ts';

/** Not that of an earlier `cluster expose`, which would still hold it. */
const webhookPort = 19444;
const operationsPort = 18443;

export interface Environment {
  readonly cluster: Cluster;
  readonly namespace: string;
  /** Runs SQL from another pod, by DNS, with the credentials in `secret`; answers the bare value. */
  psql(service: string, secret: string, sql: string): Promise<string>;
  /** `psql` against `<database>-primary`, again until it answers: for the seconds after a restart. */
  psqlEventually(database: string, sql: string): Promise<string>;
  phase(name: string, phase: string): Promise<Json>;
  /** Running, ready, and nothing changed for two seconds. */
  settled(name: string): Promise<void>;
  killOperator(): Promise<void>;
  /** Answers the milliseconds until it was ready. */
  startOperator(): Promise<number>;
  operatorLog(): string;
  stop(): Promise<void>;
}

const say = (line: string): void => void process.stderr.write(`  ${line}\n`);

export function databaseYaml(name: string, namespace: string, spec: Readonly<Record<string, unknown>>): string {
  return stringify({ apiVersion: 'example.com/v1', kind: 'Database', metadata: { name, namespace }, spec });
}

const configurations = ['validatingwebhookconfiguration,mutatingwebhookconfiguration', 'database-webhook'];

/** Two operators on one cluster would both reconcile, and a test would not know whose work it sees. */
async function refuseSecondOperator(cluster: Cluster): Promise<void> {
  const selector = 'app.kubernetes.io/name=database-operator';
  const found = await cluster.expectKubectl(['get', 'deployments', '-A', '-l', selector, '-o', 'name']);
  if (found.trim() !== '')
    throw new Error(`an operator is installed on this cluster: uninstall it first (${found.trim()})`);
}

/** `kubectl apply` of everything in crds/, and waits until the API server serves it. */
async function installCrds(cluster: Cluster): Promise<void> {
  const folder = path.join(repository, 'crds');
  const files = (await readdir(folder)).filter((file) => file.endsWith('.yaml'));
  for (const file of files) {
    const yaml = await readFile(path.join(folder, file), 'utf8');
    await cluster.expectKubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], { input: yaml });
  }
  await cluster.expectKubectl([
    'wait',
    '--for=condition=Established',
    '--timeout=30s',
    ...files.map((f) => `crd/${crdName(f)}`),
  ]);
}

const crdName = (file: string): string => {
  const [, plural] = /_([a-z]+)\.yaml$/.exec(file) ?? [];
  return `${plural ?? ''}.example.com`;
};

/** `images` as the tool of the cluster beside the repository names them. */
export async function startEnvironment(
  group: string,
  images: readonly string[] = ['postgres-17', 'postgres-15'],
  /** Flags of the operator beside those that every group needs. */
  prepare: (cluster: Cluster) => Promise<readonly string[]> = () => Promise.resolve([]),
): Promise<Environment> {
  const cluster = await findCluster(images, say);
  const extra = await prepare(cluster);
  const namespace = `e2e-${group}-${Math.floor(Date.now() / 1000) % 100_000}`;
  await installCrds(cluster);
  await refuseSecondOperator(cluster);
  const { host, inside } = cluster;
  // Left by a run that was killed, or by an installation: apply would merge its clientConfig with ours.
  await cluster.expectKubectl(['delete', ...configurations, '--ignore-not-found']);
  await cluster.expectKubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], {
    input: webhookConfigurations(`https://${host}:${webhookPort}`),
  });
  const options = {
    // Where the node is reached at another address from within.
    kubeconfig: process.env['E2E_OPERATOR_KUBECONFIG'] ?? cluster.kubeconfig,
    host,
    port: webhookPort,
    operationsPort,
    extra,
    ...(inside && { inside }),
  };
  let operator: Operator = await startOperator(options);
  let earlier = '';
  await cluster.expectKubectl(['create', 'namespace', namespace]);
  await cluster.expectKubectl(['label', 'namespace', namespace, 'pod-security.kubernetes.io/enforce=restricted']);
  await cluster.expectKubectl(['apply', '-f', '-'], { input: clientPod(namespace) });
  await cluster.expectKubectl(['wait', '--for=condition=Ready', 'pod/client', '-n', namespace, '--timeout=90s']);

  const psql = async (service: string, secret: string, sql: string): Promise<string> => {
    const object = await cluster.get('secret', namespace, secret);
    const value = (key: string): string => Buffer.from(object?.data?.[key] ?? '', 'base64').toString();
    const uri = `host=${service}.${namespace}.svc.cluster.local port=${value('port')} dbname=${value('database')} user=${value('username')} connect_timeout=5`;
    const script = 'read -r PGPASSWORD; export PGPASSWORD; exec psql -qAtX -v ON_ERROR_STOP=1 -d "$1" -c "$2"';
    const answer = await cluster.expectKubectl(
      ['exec', '-i', 'client', '-n', namespace, '--', 'sh', '-c', script, 'sh', uri, sql],
      {
        input: `${value('password')}\n`,
        timeoutMs: 30_000,
      },
    );
    return answer.trim();
  };
  const describeDatabase = async (name: string): Promise<string> => {
    const object = await cluster.get('database', namespace, name);
    const { stdout } = await cluster.kubectl(['get', 'pods,events', '-n', namespace]);
    return `${JSON.stringify(object?.status, null, 1)}\n${stdout.slice(-4000)}\n${operator.log().slice(-3000)}`;
  };
  const phase = (name: string, wanted: string): Promise<Json> =>
    eventually(
      `Database ${name} is ${wanted}`,
      180_000,
      async () => {
        const object = await cluster.get('database', namespace, name);
        const current = object?.status?.['observedGeneration'] === object?.metadata.generation;
        return object?.status?.['phase'] === wanted && current ? object : undefined;
      },
      () => describeDatabase(name),
    );
  return {
    cluster,
    namespace,
    psql,
    psqlEventually: (database, sql) =>
      eventually(`${database} answers`, 60_000, () =>
        psql(`${database}-primary`, `${database}-secret`, sql).catch(() => undefined),
      ),
    phase,
    settled: async (name) => {
      let last = '';
      let since = Date.now();
      await eventually('nothing changes any more', 120_000, async () => {
        const object = await phase(name, 'Running');
        if (object.metadata.resourceVersion !== last) {
          last = object.metadata.resourceVersion;
          since = Date.now();
        }
        return Date.now() - since > 2_000;
      });
    },
    killOperator: () => operator.kill(),
    startOperator: async () => {
      // What the one before it said still matters when a test fails.
      earlier += operator.log();
      operator = await startOperator(options);
      return operator.readyAfterMs;
    },
    operatorLog: () => earlier + operator.log(),
    stop: async () => {
      await cluster.kubectl(['delete', 'databases', '--all', '-n', namespace, '--timeout=120s'], {
        timeoutMs: 150_000,
      });
      await cluster.kubectl(['delete', 'namespace', namespace, '--wait=false']);
      await operator.stop();
      await cluster.kubectl([
        'delete',
        'validatingwebhookconfiguration,mutatingwebhookconfiguration',
        'database-webhook',
      ]);
    },
  };
}

/** Any image with psql does; the database's own is there already. */
function clientPod(namespace: string): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'client', namespace },
    spec: {
      securityContext: { runAsNonRoot: true, runAsUser: 999, seccompProfile: { type: 'RuntimeDefault' } },
      terminationGracePeriodSeconds: 0,
      containers: [
        {
          name: 'client',
          image: 'postgres:17',
          command: ['sleep', '86400'],
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        },
      ],
    },
  });
}
