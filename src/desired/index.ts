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
import type { Engine } from '../engines/engine.ts';
import { backsUp, backsUpToVolume, backupClaim, backupCronJob } from './backup.ts';
import { configMap, scriptsConfigMap } from './configmaps.ts';
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

/** `database` with its defaults applied. Pure and deterministic: equal inputs give equal JSON, byte by byte. */
export function desiredObjects(database: Database, engine: Engine, context: Context): Desired {
  const { runtime } = engine;
  if (runtime === undefined) return { objects: [] };
  const input: Input = { database, engine, context };
  const { credentials } = context;
  // Until its data is there, a backup would be one of an empty server.
  const cronJob = backsUp(database) && context.recovering !== true ? backupCronJob(input) : undefined;
  return {
    objects: [
      desired(ServiceAccount, serviceAccount(input)),
      ...(credentials === undefined
        ? []
        : [
            desired(Secret, internalSecret(input, credentials), 'createOnce'),
            desired(Secret, applicationSecret(input, credentials), 'createOnce'),
          ]),
      desired(ConfigMap, configMap(input)),
      desired(ConfigMap, scriptsConfigMap(input)),
      desired(ConfigMap, topology(input)),
      ...services(input).map((service) => desired(Service, service)),
      desired(PodDisruptionBudget, podDisruptionBudget(input)),
      ...(database.spec.networkPolicy?.enabled === false ? [] : [desired(NetworkPolicy, networkPolicy(input))]),
      desired(StatefulSet, statefulSet(input, runtime)),
      ...(backsUpToVolume(database) ? [desired(PersistentVolumeClaim, backupClaim(input))] : []),
      ...(cronJob ? [desired(CronJob, cronJob)] : []),
      ...(database.spec.monitoring?.enabled === true
        ? [{ ...desired(ServiceMonitor, serviceMonitor(input)), optional: true }]
        : []),
    ],
  };
}

const desired = (resource: Resource, object: KubernetesObject, ownership: Ownership = 'apply'): DesiredObject => ({
  resource,
  object,
  ownership,
});
