/** Everything that a Database becomes, dependants after what they depend on. */
import type { KubernetesObject, Resource } from '../api/object.ts';
import {
  ConfigMap,
  CronJob,
  NetworkPolicy,
  PersistentVolumeClaim,
  PodDisruptionBudget,
  Secret,
  Service,
  ServiceAccount,
  ServiceMonitor,
  StatefulSet,
} from '../api/resources.ts';
import type { Database } from '../api/types.generated.ts';
import type { Engine, EngineRuntime } from '../engines/engine.ts';
import { backsUpToVolume, backupClaim, backupCronJob } from './backup.ts';
import { configMap, renderedConfig, scriptsConfigMap } from './configmaps.ts';
import type { Context, DesiredObject, Input, Ownership } from './context.ts';
import { networkPolicy } from './networkpolicy.ts';
import { podDisruptionBudget } from './poddisruptionbudget.ts';
import { applicationSecret, internalSecret } from './secret.ts';
import { serviceAccount } from './serviceaccount.ts';
import { serviceMonitor } from './servicemonitor.ts';
import { services } from './services.ts';
import { statefulSet } from './statefulset.ts';
import { topology } from './topology.ts';

export type { Context, Credentials, DesiredObject, Ownership } from './context.ts';

export interface Desired {
  /** In the order in which they are to be made. Empty for an engine that has no runtime. */
  readonly objects: readonly DesiredObject[];
}

export type SpecField = keyof Database['spec'];

interface Part {
  readonly resource: Resource;
  /** All that its objects depend on besides the name, the engine and the context; every label holds the version. */
  readonly reads: readonly SpecField[];
  readonly ownership?: Ownership;
  readonly optional?: boolean;
  /** Empty where it is not asked for. */
  build(input: Input, runtime: EngineRuntime): readonly KubernetesObject[];
}

const configFields = ['version', 'replicas', 'storage', 'size', 'resources', 'config', 'replication', 'tls'] as const;

/** In the order in which they are to be made. */
export const parts: readonly Part[] = [
  { resource: ServiceAccount, reads: ['version'], build: (input) => [serviceAccount(input)] },
  {
    resource: Secret,
    reads: ['version', 'databaseName', 'username', 'deletionPolicy'],
    ownership: 'createOnce',
    build: (input) => secrets(input),
  },
  { resource: ConfigMap, reads: configFields, build: (input) => [configMap(input)] },
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
    reads: [...configFields, 'image', 'databaseName', 'username', 'monitoring', 'hibernate', 'podTemplate'],
    build: (input, runtime) => [statefulSet(input, runtime)],
  },
  {
    resource: PersistentVolumeClaim,
    reads: ['version', 'backup', 'storage', 'size', 'deletionPolicy'],
    build: (input) => (backsUpToVolume(input.database) ? [backupClaim(input)] : []),
  },
  {
    resource: CronJob,
    reads: ['version', 'image', 'backup', 'hibernate', 'podTemplate', 'databaseName', 'username'],
    build: (input, runtime) => (backsUpToVolume(input.database) ? [backupCronJob(input, runtime)] : []),
  },
  {
    resource: ServiceMonitor,
    reads: ['version', 'monitoring'],
    optional: true,
    build: (input) => (input.database.spec.monitoring?.enabled === true ? [serviceMonitor(input)] : []),
  },
];

const secrets = (input: Input): readonly KubernetesObject[] =>
  input.context.credentials === undefined
    ? []
    : [internalSecret(input, input.context.credentials), applicationSecret(input, input.context.credentials)];

/**
 * `database` with its defaults applied. Pure and deterministic: equal inputs give equal JSON, byte by byte. `touched`
 * leaves out what is the same for two specs that differ in these fields only; the StatefulSet always stays.
 */
export function desiredObjects(
  database: Database,
  engine: Engine,
  context: Context,
  touched?: ReadonlySet<string>,
): Desired {
  const { runtime } = engine;
  if (runtime === undefined) return { objects: [] };
  const input: Input = { database, engine, context, config: renderedConfig(database, engine) };
  const objects: DesiredObject[] = [];
  for (const part of parts) {
    if (touched !== undefined && !isTouched(part, touched)) continue;
    const { resource, ownership = 'apply', optional } = part;
    for (const object of part.build(input, runtime)) {
      objects.push({ resource, object, ownership, ...(optional === true && { optional }) });
    }
  }
  return { objects };
}

const isTouched = ({ resource, reads }: Part, touched: ReadonlySet<string>): boolean =>
  resource === StatefulSet || reads.some((field) => touched.has(field));
