/** The files of a report, by path. */
import { stringify } from 'yaml';
import type { KubernetesObject, Resource } from '../../api/object.ts';
import * as resources from '../../api/resources.ts';
import type { Database } from '../../api/types.generated.ts';
import { nameLabel } from '../../desired/names.ts';
import { listAll, type Cluster } from '../cluster.ts';
import { eventTime } from '../events.ts';
import { gather } from '../status/state.ts';
import { view } from '../status/view.ts';
import { plain } from '../style.ts';
import { bare, redactor, secretValues } from './redact.ts';

export interface CollectOptions {
  /** Of each log. */
  readonly lines: number;
  readonly now: Date;
  readonly version: string;
  readonly progress: (text: string) => void;
  /** Logs also where Secrets may not be read, and so can't be struck out of them. */
  readonly uncheckedLogs: boolean;
}

const children: readonly Resource[] = [
  resources.StatefulSet,
  resources.Pod,
  resources.Service,
  resources.ConfigMap,
  resources.Secret,
  resources.PersistentVolumeClaim,
  resources.PodDisruptionBudget,
  resources.NetworkPolicy,
  resources.ServiceAccount,
  resources.CronJob,
  resources.Job,
  resources.ServiceMonitor,
];
const companions = [
  resources.DatabaseUser,
  resources.DatabaseBackup,
  resources.DatabaseMonitor,
  resources.MultiTenantDatabase,
];

type Objects = readonly KubernetesObject[];

/** Everything that may not be read is named in `README.txt` instead. */
export async function collect(
  cluster: Cluster,
  database: Database,
  options: CollectOptions,
): Promise<Readonly<Record<string, string>>> {
  const { namespace } = cluster;
  const { name } = database.metadata;
  const missing: string[] = [];
  const list = async (resource: Resource, filter: object): Promise<Objects> => {
    try {
      return await listAll(cluster, resource, { namespace, ...filter });
    } catch (error) {
      missing.push(`${resource.plural}: ${error instanceof Error ? error.message : String(error)}`);
      return [];
    }
  };
  options.progress('reading the Database and what belongs to it');
  const labelSelector = `${nameLabel}=${name}`;
  const [own, others, events, everySecret] = await Promise.all([
    Promise.all(children.map((resource) => list(resource, { labelSelector }))),
    Promise.all(companions.map((resource) => list(resource, {}))),
    list(resources.Event, {}),
    // Of the whole namespace, only to strike their values out: clients' own Secrets may show up in a log.
    list(resources.Secret, {}),
  ]);
  const objects = [...own.flat(), ...others.flat().filter((object) => refersTo(object, name))];
  const names = new Set([name, ...objects.map(({ metadata }) => metadata.name)]);
  const state = await gather(cluster, database);
  const redact = redactor(secretValues(everySecret));
  const yaml = (object: KubernetesObject): string => stringify(bare(object, redact), { lineWidth: 0 });
  const pods = own.flat().filter(({ kind }) => kind === 'Pod');
  const readsLogs = options.uncheckedLogs || !missing.some((line) => line.startsWith('secrets:'));
  if (!readsLogs) {
    missing.push(
      'logs: Secrets may not be read, so their values could not be struck out of logs; --unchecked-logs adds them',
    );
  }
  const files: Record<string, string> = {
    'status.txt': view(state, { now: options.now, style: plain, width: 120 }),
    'database.yaml': yaml(database),
    'events.txt': events
      .filter((event) => names.has(regarding(event)))
      .toSorted((a, b) => eventTime(a) - eventTime(b))
      .map(eventLine)
      .join(''),
    ...Object.fromEntries(
      objects.map((object) => [`objects/${object.kind}-${object.metadata.name}.yaml`, yaml(object)]),
    ),
    ...(readsLogs && (await logsOf(cluster, pods, { ...options, folder: 'logs' }))),
    ...(readsLogs && (await operatorFiles(cluster, { ...options, yaml }, missing))),
  };
  files['README.txt'] = readme(database, options, missing);
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [path, redact(text)]));
}

const refersTo = (object: KubernetesObject, name: string): boolean =>
  (object['spec'] as { databaseRef?: { name?: string } } | undefined)?.databaseRef?.name === name;

const regarding = (event: KubernetesObject): string =>
  (event['regarding'] as { name?: string } | undefined)?.name ?? '';

function eventLine(event: KubernetesObject): string {
  const { kind = '', name = '' } = (event['regarding'] ?? {}) as { kind?: string; name?: string };
  const {
    type = '',
    reason = '',
    note = '',
    series,
  } = event as unknown as {
    type?: string;
    reason?: string;
    note?: string;
    series?: { count?: number } | null;
  };
  const times = series?.count === undefined ? '' : ` (${series.count} times)`;
  return `${new Date(eventTime(event)).toISOString()} ${type} ${kind}/${name} ${reason}${times}: ${note}\n`;
}

interface PodSpec {
  readonly containers?: readonly { readonly name: string }[];
}
interface PodStatus {
  readonly containerStatuses?: readonly { readonly name: string; readonly restartCount?: number }[];
}

async function logsOf(
  cluster: Cluster,
  pods: Objects,
  { lines, progress, folder }: CollectOptions & { readonly folder: string },
): Promise<Readonly<Record<string, string>>> {
  const files: Record<string, string> = {};
  for (const pod of pods) {
    const { name, namespace = cluster.namespace } = pod.metadata;
    const { containers = [] } = (pod['spec'] ?? {}) as PodSpec;
    const { containerStatuses = [] } = (pod['status'] ?? {}) as PodStatus;
    for (const { name: container } of containers) {
      progress(`reading the log of ${name}, ${container}`);
      const log = { namespace, pod: name, container, tailLines: lines };
      files[`${folder}/${name}-${container}.log`] = await text(cluster, log);
      const restarted = containerStatuses.some((status) => status.name === container && (status.restartCount ?? 0) > 0);
      if (restarted)
        files[`${folder}/${name}-${container}.previous.log`] = await text(cluster, { ...log, previous: true });
    }
  }
  return files;
}

async function text(cluster: Cluster, options: Parameters<Cluster['log']>[0]): Promise<string> {
  const lines: string[] = [];
  try {
    for await (const line of cluster.log(options)) lines.push(`${line}\n`);
  } catch (error) {
    lines.push(`-- not read: ${error instanceof Error ? error.message : String(error)}\n`);
  }
  return lines.join('');
}

const operatorSelector = 'app.kubernetes.io/name=database-operator';

/** Wherever it runs; without the right to list pods of all namespaces its log is missing. */
async function operatorFiles(
  cluster: Cluster,
  options: CollectOptions & { readonly yaml: (object: KubernetesObject) => string },
  missing: string[],
): Promise<Readonly<Record<string, string>>> {
  try {
    const pods = await listAll(cluster, resources.Pod, { labelSelector: operatorSelector });
    if (pods.length === 0) missing.push('operator: no pod with its label; it may run elsewhere');
    const files = Object.fromEntries(pods.map((pod) => [`operator/${pod.metadata.name}.yaml`, options.yaml(pod)]));
    return { ...files, ...(await logsOf(cluster, pods, { ...options, folder: 'operator' })) };
  } catch (error) {
    missing.push(`operator: ${error instanceof Error ? error.message : String(error)}`);
    return {};
  }
}

function readme({ metadata }: Database, { now, version }: CollectOptions, missing: readonly string[]): string {
  return [
    `Database ${metadata.namespace ?? ''}/${metadata.name}, collected ${now.toISOString()} by kubectl database ${version}.`,
    'Values of Secrets are not in it, and what looks like one is struck out. Look through it before you give it away.',
    ...(missing.length === 0 ? [] : ['', 'Not collected:', ...missing.map((line) => `- ${line}`)]),
    '',
  ].join('\n');
}
