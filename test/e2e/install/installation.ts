/** The operator as people install it: the image as built, the chart as shipped, in a namespace under the restricted standard. */
import { cp, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { eventually, findCluster, repository, run, type Cluster, type Json } from '../cluster.ts';
import { usageOf, type Usage } from './usage.ts';

export const system = 'database-system';
const release = 'database-operator';
const chart = path.join(repository, 'charts/database-operator');
const configurations = 'validatingwebhookconfiguration,mutatingwebhookconfiguration';

export interface Pod {
  readonly name: string;
  readonly restarts: number;
  /** Such as OOMKilled; why its container ended the last time. */
  readonly ended: string | undefined;
  /** By its label. */
  readonly version: string | undefined;
}

export interface Installation {
  readonly cluster: Cluster;
  install(): Promise<void>;
  uninstall(): Promise<void>;
  pods(): Promise<readonly Pod[]>;
  /** Name of the pod that holds the Lease. */
  leader(): Promise<string | undefined>;
  /** Serial number of the certificate that each pod has served last. */
  serials(): Promise<readonly string[]>;
  /** Calls of our webhooks that the API server could not make, since it was started. */
  failedCalls(): Promise<number>;
  /** Most resident memory of any pod, MiB. */
  residentMiB(): Promise<number>;
  caBundle(): Promise<string>;
  rollout(): Promise<void>;
  /** What the kubelet has counted for each of the operator's pods, by name. */
  usage(): Promise<ReadonlyMap<string, Usage>>;
  /** `helm upgrade` to the same program under another version and tag, as a release that changes nothing would be. */
  upgrade(version: string): Promise<void>;
}

const say = (line: string): void => void process.stderr.write(`  ${line}\n`);

/** Builds the image and loads it where that can be done; elsewhere the cluster has it already. */
export async function prepareInstallation(sets: readonly string[]): Promise<Installation> {
  const cluster = await findCluster(['postgres-17'], say);
  const built = await run('npm', ['run', '--silent', 'image'], { timeoutMs: 300_000 });
  if (built.code !== 0) throw new Error(`npm run image: ${built.stderr}`);
  await cluster.prepare(['image', 'load', path.join(repository, 'dist/image/database-operator.tar')]);
  if (!sets.includes('webhook.certManager.enabled=false')) {
    say('cluster: cert-manager');
    await cluster.prepare(['addon', 'cert-manager']);
  }
  return installation(cluster, sets);
}

async function builtImage(): Promise<string> {
  const text = await readFile(path.join(repository, 'package.json'), 'utf8');
  return `database-operator:v${(JSON.parse(text) as { version: string }).version}`;
}

/** Definitions that something else than Helm has put there are taken over. */
async function foreignDefinitions(cluster: Cluster): Promise<boolean> {
  const { stdout } = await cluster.kubectl([
    ...['get', 'crd', 'databases.example.com', '--ignore-not-found'],
    ...['-o', 'jsonpath={.metadata.uid} {.metadata.annotations.meta\\.helm\\.sh/release-name}'],
  ]);
  const [uid, owner] = stdout.trim().split(' ');
  return uid !== undefined && uid !== '' && owner !== release;
}

function installation(cluster: Cluster, sets: readonly string[]): Installation {
  const pods = async (): Promise<readonly Pod[]> =>
    (await cluster.list('pods', system, 'app.kubernetes.io/component=operator'))
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      .map(podOf);
  const seen = new Map<string, { readonly serial: string; readonly until: string }>();
  /** Under load the logs are long: each line is read about once. */
  const serialOf = async (pod: string): Promise<string> => {
    const before = seen.get(pod);
    const until = new Date(Date.now() - 1_000).toISOString();
    const since = before === undefined ? [] : [`--since-time=${before.until}`];
    const log = await cluster.expectKubectl(['logs', pod, '-n', system, ...since]);
    const serial = [...log.matchAll(/"serial":"([0-9A-F]+)"/g)].at(-1)?.[1] ?? before?.serial ?? '';
    seen.set(pod, { serial, until });
    return serial;
  };
  const raw = (url: string): Promise<string> => cluster.expectKubectl(['get', '--raw', url]);
  return {
    cluster,
    pods,
    install: async () => {
      const takeOver = (await foreignDefinitions(cluster)) ? ['--take-ownership', '--force-conflicts'] : [];
      await cluster.kubectl(['create', 'namespace', system]);
      const label = 'pod-security.kubernetes.io/enforce=restricted';
      await cluster.expectKubectl(['label', '--overwrite', 'namespace', system, label]);
      await cluster.helm(
        [
          'install',
          release,
          chart,
          '-n',
          system,
          '--create-namespace',
          '--wait',
          '--timeout',
          '120s',
          ...takeOver,
        ].concat(sets.flatMap((set) => ['--set', set])),
        { timeoutMs: 180_000 },
      );
    },
    uninstall: async () => {
      await cluster.helm(['uninstall', release, '-n', system, '--wait', '--ignore-not-found'], { timeoutMs: 180_000 });
    },
    leader: async () => {
      const lease = await cluster.get('lease', system, release);
      const holder = lease?.spec?.['holderIdentity'];
      return typeof holder === 'string' && holder !== '' ? holder.slice(0, holder.lastIndexOf('_')) : undefined;
    },
    serials: async () => Promise.all((await pods()).map(({ name }) => serialOf(name))),
    failedCalls: async () => {
      const lines = (await raw('/metrics')).split('\n').filter((line) => isFailedCall(line));
      return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
    },
    residentMiB: async () => {
      const texts = (await pods()).map(({ name }) =>
        raw(`/api/v1/namespaces/${system}/pods/https:${name}:8443/proxy/metrics`),
      );
      const bytes = (await Promise.all(texts)).map((text) =>
        Number(/^process_resident_memory_bytes (\S+)/m.exec(text)?.[1] ?? 0),
      );
      return Math.round(Math.max(...bytes) / 1024 / 1024);
    },
    caBundle: async () =>
      cluster.expectKubectl(['get', configurations, 'database-webhook', '-o', 'jsonpath={..caBundle}']),
    usage: async () => {
      const [node] = await cluster.list('nodes', 'default');
      const text = await raw(`/api/v1/nodes/${node?.metadata.name ?? ''}/proxy/metrics/cadvisor`);
      return usageOf(text, system);
    },
    upgrade: async (version) => {
      const built = await builtImage();
      const reference = built.replace(/:.*/, `:v${version}`);
      const tagged = await cluster.prepare(['image', 'tag', built, reference]);
      const copy = path.join(await mkdtemp(path.join(tmpdir(), 'database-operator-chart-')), 'chart');
      await cp(chart, copy, { recursive: true });
      const about = path.join(copy, 'Chart.yaml');
      const text = (await readFile(about, 'utf8')).replaceAll(/^(version|appVersion): .*$/gm, `$1: ${version}`);
      await writeFile(about, text);
      const args = ['upgrade', release, copy, '-n', system, '--reuse-values', '--wait', '--timeout', '180s'];
      // A cluster elsewhere has the image under its own tag only.
      const tag = tagged ? [] : ['--set', `image.tag=${built.replace(/.*:/, '')}`];
      await cluster.helm([...args, ...tag], { timeoutMs: 200_000 });
    },
    rollout: async () => {
      const args = ['rollout', 'status', `deployment/${release}`, '-n', system, '--timeout=180s'];
      await cluster.expectKubectl(args, { timeoutMs: 200_000 });
      // Pods of before are still draining when the rollout is complete.
      await eventually('the old pods are gone', 90_000, async () => {
        const all = await cluster.list('pods', system, 'app.kubernetes.io/component=operator');
        return all.every(({ metadata }) => metadata.deletionTimestamp === undefined);
      });
    },
  };
}

const isFailedCall = (line: string): boolean =>
  line.startsWith('apiserver_admission_webhook_rejection_count{') &&
  line.includes('error_type="calling_webhook_error"') &&
  line.includes('.database.example.com"');

function podOf({ metadata, status }: Json): Pod {
  const [container] = (status?.['containerStatuses'] ?? []) as readonly {
    readonly restartCount: number;
    readonly lastState: { readonly terminated?: { readonly reason: string } };
  }[];
  return {
    name: metadata.name,
    restarts: container?.restartCount ?? 0,
    ended: container?.lastState.terminated?.reason,
    version: metadata.labels?.['app.kubernetes.io/version'],
  };
}
