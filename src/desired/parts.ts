/**
 * The objects of a Database, part by part, and what each depends on: a change is planned by rendering only what it can
 * touch. A test reads along and holds the two together.
 */
import type { KubernetesObject, Resource } from '../api/object.ts';
import {
  ConfigMap,
  CronJob,
  Deployment,
  NetworkPolicy,
  PersistentVolumeClaim,
  PodDisruptionBudget,
  PrometheusRule,
  Secret,
  Service,
  ServiceAccount,
  ServiceMonitor,
  StatefulSet,
} from '../api/resources.ts';
import type { Database } from '../api/types.generated.ts';
import type { Engine, EngineRuntime } from '../engines/engine.ts';
import { backsUp, backsUpToVolume, backupClaim, backupCronJob, storesLog } from './backup.ts';
import { configMap, renderedConfig, restartConfigHash, scriptsConfigMap } from './configmaps.ts';
import type { Context, Input, Ownership } from './context.ts';
import { stableHash } from './hash.ts';
import { logArchive } from './log-archive.ts';
import { networkPolicy } from './networkpolicy.ts';
import { podDisruptionBudget } from './poddisruptionbudget.ts';
import { prometheusRule } from './prometheusrule.ts';
import { applicationSecret, internalSecret } from './secret.ts';
import { serviceAccount } from './serviceaccount.ts';
import { serviceMonitor } from './servicemonitor.ts';
import { services } from './services.ts';
import { statefulSet } from './statefulset.ts';
import { topology } from './topology.ts';

/** A field of the spec, or one below it; or what is worked out from many of them. */
export type Source =
  keyof Database['spec'] | 'the whole spec' | 'storage.storageClass' | 'the config file' | 'settings of the start';

export interface Part {
  readonly resource: Resource;
  /** All that its objects depend on besides the name, the engine and the context. The version is in every label. */
  readonly reads: readonly Source[];
  readonly ownership?: Ownership;
  readonly optional?: boolean;
  /** Empty where it is not asked for. */
  build(input: Input, runtime: EngineRuntime): readonly KubernetesObject[];
}

/** What a server's own pods are made of. */
const podFields = ['image', 'resources', 'tls', 'monitoring', 'podTemplate', 'databaseName', 'username'] as const;

/** In the order in which they are to be made. */
export const parts: readonly Part[] = [
  { resource: ServiceAccount, reads: ['version'], build: (input) => [serviceAccount(input)] },
  {
    resource: Secret,
    reads: ['version', 'databaseName', 'username', 'deletionPolicy'],
    ownership: 'createOnce',
    build: (input) => secrets(input),
  },
  { resource: ConfigMap, reads: ['version', 'the config file'], build: (input) => [configMap(input)] },
  { resource: ConfigMap, reads: ['version', 'replicas', 'replication'], build: (input) => [scriptsConfigMap(input)] },
  { resource: ConfigMap, reads: ['version', 'replicas'], build: (input) => [topology(input)] },
  { resource: Service, reads: ['version', 'monitoring'], build: services },
  { resource: PodDisruptionBudget, reads: ['version'], build: (input) => [podDisruptionBudget(input)] },
  {
    resource: NetworkPolicy,
    reads: ['version', 'networkPolicy', 'monitoring'],
    build: (input) => (input.database.spec.networkPolicy?.enabled === false ? [] : [networkPolicy(input)]),
  },
  {
    resource: StatefulSet,
    reads: ['version', 'replicas', 'hibernate', 'storage.storageClass', ...podFields, 'settings of the start'],
    build: (input, runtime) => [statefulSet(input, runtime)],
  },
  {
    resource: PersistentVolumeClaim,
    reads: ['version', 'backup', 'storage', 'size', 'deletionPolicy'],
    build: (input) => (backsUpToVolume(input.database) ? [backupClaim(input)] : []),
  },
  {
    resource: CronJob,
    // A backup holds the spec, so that the database can be made again from it.
    reads: ['the whole spec'],
    build: (input) => cronJobs(input),
  },
  {
    resource: Deployment,
    // Its pod runs beside the servers, on nodes that they may run on.
    reads: ['version', 'backup', 'hibernate', ...podFields],
    build: (input) => logArchives(input),
  },
  {
    resource: ServiceMonitor,
    reads: ['version', 'monitoring'],
    optional: true,
    build: (input) => (input.database.spec.monitoring?.enabled === true ? [serviceMonitor(input)] : []),
  },
  {
    resource: PrometheusRule,
    reads: ['version', 'monitoring', 'replicas', 'hibernate', 'storage', 'size'],
    optional: true,
    build: (input, runtime) => (alerts(input) ? [prometheusRule(input, runtime)] : []),
  },
];

/** None until the data of a recovery is there: it would back up an empty server. */
function cronJobs(input: Input): readonly KubernetesObject[] {
  const cronJob = backsUp(input.database) && input.context.recovering !== true ? backupCronJob(input) : undefined;
  return cronJob === undefined ? [] : [cronJob];
}

function logArchives(input: Input): readonly KubernetesObject[] {
  const deployment = storesLog(input) && input.context.recovering !== true ? logArchive(input) : undefined;
  return deployment === undefined ? [] : [deployment];
}

const alerts = ({ database: { spec } }: Input): boolean =>
  spec.monitoring?.enabled === true && spec.monitoring.alerting === true;

const secrets = (input: Input): readonly KubernetesObject[] =>
  input.context.credentials === undefined
    ? []
    : [internalSecret(input, input.context.credentials), applicationSecret(input, input.context.credentials)];

/** `other`: of the same Database, with the same context. */
export function inputOf(database: Database, engine: Engine, context: Context, other?: Input): Input {
  const config = renderedConfig(database, engine);
  const startHash =
    other?.config === config ? other.startHash : restartConfigHash(config, engine, context.fingerprint ?? stableHash);
  return { database, engine, context, config, startHash };
}

/** `changed`: names of the fields that differ between the specs of the two, and of those below them. */
export function touchedSources(before: Input, after: Input, changed: ReadonlySet<string>): ReadonlySet<string> {
  const touched = new Set(changed);
  if (touched.size > 0) touched.add('the whole spec' satisfies Source);
  if (before.config !== after.config) touched.add('the config file' satisfies Source);
  if (before.startHash !== after.startHash) touched.add('settings of the start' satisfies Source);
  return touched;
}
