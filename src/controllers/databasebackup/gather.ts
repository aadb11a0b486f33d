/** From caches to what is observed of a DatabaseBackup; names that no cache has are asked for one by one. */
import type { KubernetesObject, Resource } from '../../api/object.ts';
import * as resources from '../../api/resources.ts';
import type { Database, DatabaseBackup } from '../../api/types.generated.ts';
import { claimOf, namespaceOf, scheduleName } from '../../desired/database-backup.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import type { Entry } from '../../planning/observed.ts';
import { ownerKey, type Caches } from '../caches.ts';
import type { BackupObservation } from './observation.ts';

export interface BackupGatherDeps {
  readonly client: KubernetesClient;
  readonly caches: Caches;
}

export async function gatherBackup(
  stored: DatabaseBackup,
  deps: BackupGatherDeps,
  signal: AbortSignal,
): Promise<BackupObservation> {
  const { caches } = deps;
  const { name, namespace, deletionTimestamp } = stored.metadata;
  const where = namespaceOf(stored);
  const cached = (resource: Resource): readonly KubernetesObject[] =>
    (caches.store(resource)?.byIndex(ownerKey('DatabaseBackup', namespace, name)) ?? []).filter(
      (object) => object.metadata.namespace === where,
    );
  const entries = (resource: Resource): readonly Entry[] => cached(resource).map((object) => ({ resource, object }));
  // A verification's own volume carries our labels, too.
  const claims = entries(resources.PersistentVolumeClaim).filter(
    ({ object }) => object.metadata.name === claimOf(stored),
  );
  const known = [...entries(resources.CronJob), ...claims];
  const database = caches.store(resources.Database)?.get(where, stored.spec.databaseRef.name);
  // Nothing is made before there is a Database, so nobody needs to know yet who has the names.
  const isMade = deletionTimestamp === undefined && database !== undefined;
  const found = isMade ? await readMissing(stored, known, deps, signal) : [];
  return {
    stored,
    database: database as Database | undefined,
    children: [...known, ...found],
    jobs: cached(resources.Job),
    pods: cached(resources.Pod),
    namespaceEnding: deletionTimestamp !== undefined && (await isEnding(where, deps, signal)),
  };
}

/** Names that will be needed and may be somebody else's. */
async function readMissing(
  stored: DatabaseBackup,
  known: readonly Entry[],
  { client }: BackupGatherDeps,
  signal: AbortSignal,
): Promise<readonly Entry[]> {
  const { schedule, destination } = stored.spec;
  const wanted: readonly (readonly [Resource, string])[] = [
    ...(schedule === undefined ? [] : [[resources.CronJob, scheduleName(stored)] as const]),
    ...(destination?.s3 === undefined ? [[resources.PersistentVolumeClaim, claimOf(stored)] as const] : []),
  ];
  const missing = wanted.filter(
    ([resource, name]) =>
      !known.some((entry) => entry.resource.kind === resource.kind && entry.object.metadata.name === name),
  );
  const objects = await Promise.all(
    missing.map(([resource, name]) => client.get({ resource, name, namespace: namespaceOf(stored) }, { signal })),
  );
  return missing.flatMap(([resource], index) => {
    const object = objects[index];
    return object === undefined ? [] : [{ resource, object }];
  });
}

/** Unknown counts as no: a Job that is refused tells it then. */
async function isEnding(
  namespace: string,
  { client, caches }: BackupGatherDeps,
  signal: AbortSignal,
): Promise<boolean> {
  const cached = caches.store(resources.Namespace)?.get(undefined, namespace);
  if (cached?.metadata.deletionTimestamp !== undefined) return true;
  try {
    const live = await client.get({ resource: resources.Namespace, name: namespace }, { signal });
    return live?.metadata.deletionTimestamp !== undefined;
  } catch {
    return false;
  }
}
