/**
 * From caches to what is observed, without deciding anything. What a cache does not have is asked for by name, because a
 * name may be taken by an object that carries no label of ours and so is in no cache; and what can't be undone is
 * decided on what the API server says now, not on what a cache remembers.
 */
import { completeDatabase } from '../../admission/defaults.ts';
import type { KubernetesObject, ObjectRef, Resource } from '../../api/object.ts';
import * as resources from '../../api/resources.ts';
import type { Database } from '../../api/types.generated.ts';
import { desiredObjects } from '../../desired/index.ts';
import { claimName, fieldManager, finalBackupName, nameLabel } from '../../desired/names.ts';
import type { Engine } from '../../engines/engine.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { keyOf, keyOfRef, ordinalOf, shapeOf } from '../../planning/observed.ts';
import type { Entry } from '../../planning/observed.ts';
import { childResources, instanceKey } from '../caches.ts';
import type { Caches } from '../caches.ts';
import type { Monitor } from '../members/monitor.ts';
import type { Volumes } from '../members/volumes.ts';
import type { Observation } from './observation.ts';
import { gatherRecovery } from './recovery-facts.ts';
import { lookAtStuck } from './stuck.ts';
import type { StuckDeps } from './stuck.ts';

export interface GatherDeps extends StuckDeps {
  readonly client: KubernetesClient;
  readonly caches: Caches;
  readonly engineByName: (name: string) => Engine | undefined;
  readonly monitor: Pick<Monitor, 'reports'>;
  readonly volumes: Pick<Volumes, 'measured'>;
}

/** Kinds that are read one by one below. */
const special = new Set(['Pod', 'Job']);
const namedKinds: readonly Resource[] = childResources.filter(({ kind }) => !special.has(kind));

export async function gather(stored: Database, deps: GatherDeps, signal: AbortSignal): Promise<Observation> {
  const { caches } = deps;
  const { name, namespace } = stored.metadata;
  const cached = (resource: Resource): readonly KubernetesObject[] =>
    caches.store(resource)?.byIndex(instanceKey(namespace, name)) ?? [];
  const known = namedKinds.flatMap((resource) => cached(resource).map((object): Entry => ({ resource, object })));
  const found = await readMissing(stored, known, deps, signal);
  const children = [...known, ...found];
  const isDeleting = stored.metadata.deletionTimestamp !== undefined;
  const hasInternal = children.some(
    ({ resource, object }) => resource.kind === 'Secret' && object.metadata.name === `${name}-internal`,
  );
  const irreversible =
    (isDeleting && stored.spec.deletionPolicy !== 'Retain') || (!hasInternal && stored.spec.paused !== true);
  const pods = cached(resources.Pod).filter(isServer);
  const backupPods = cached(resources.Pod).filter((pod) => componentOf(pod) === 'backup');
  const statefulSet = cached(resources.StatefulSet).find(({ metadata }) => metadata.name === name);
  const claims = irreversible ? await listClaims(stored, deps.client, signal) : cached(resources.PersistentVolumeClaim);
  return {
    stored,
    children: irreversible ? withClaims(children, claims) : children,
    pods,
    claims: claims.filter((claim) => isDataClaim(name, claim)),
    jobs: isDeleting ? await finalJobs(stored, deps.client, cached(resources.Job), signal) : cached(resources.Job),
    reports: deps.monitor.reports(`${namespace ?? ''}/${name}`),
    volumes: deps.volumes.measured(`${namespace ?? ''}/${name}`),
    namespaceEnding: isDeleting && (await isNamespaceEnding(namespace, deps, signal)),
    serviceMonitors: !caches.isAbsent(resources.ServiceMonitor),
    prometheusRules: !caches.isAbsent(resources.PrometheusRule),
    backupPods,
    recovery: await gatherRecovery(stored, { hasCredentials: hasInternal, backupPods, signal }, deps),
    stuck: await lookAtStuck(stored, { pods, statefulSet }, deps, signal),
  };
}

const componentOf = ({ metadata }: KubernetesObject): string | undefined =>
  metadata.labels?.['app.kubernetes.io/component'];
const isServer = (pod: KubernetesObject): boolean => componentOf(pod) === 'database';

const isDataClaim = (name: string, claim: KubernetesObject): boolean =>
  ordinalOf(`data-${name}`, claim.metadata.name) !== undefined;

/** Labelled claims as the server lists them; one without our labels is only found by its name. */
function withClaims(children: readonly Entry[], claims: readonly KubernetesObject[]): readonly Entry[] {
  const listed = claims.map((object) => ({ resource: resources.PersistentVolumeClaim, object }));
  const keys = new Set(listed.map(keyOf));
  const isLabelled = ({ object }: Entry): boolean => object.metadata.labels?.[nameLabel] !== undefined;
  const others = children.filter(
    (entry) => entry.resource.kind !== 'PersistentVolumeClaim' || (!isLabelled(entry) && !keys.has(keyOf(entry))),
  );
  return [...others, ...listed];
}

/** Objects under names that will be needed and that no cache has; most often there are none. */
async function readMissing(
  stored: Database,
  known: readonly Entry[],
  { client, caches, engineByName }: GatherDeps,
  signal: AbortSignal,
): Promise<readonly Entry[]> {
  if (stored.spec.paused === true && stored.metadata.deletionTimestamp === undefined) return [];
  const have = new Set(known.map(keyOf));
  const missing = namesOf(stored, known, engineByName).filter(
    (ref) => !special.has(ref.resource.kind) && !have.has(keyOfRef(ref)) && !caches.isAbsent(ref.resource),
  );
  const objects = await Promise.all(missing.map((ref) => client.get(ref, { signal })));
  return missing.flatMap(({ resource }, index) => {
    const object = objects[index];
    return object === undefined ? [] : [{ resource, object }];
  });
}

/** Placeholders: only the names count here. */
const noCredentials = { password: '-', superuserPassword: '-', replicationPassword: '-', monitorPassword: '-' };

function namesOf(
  stored: Database,
  known: readonly Entry[],
  engineByName: (name: string) => Engine | undefined,
): readonly ObjectRef[] {
  const database = completeDatabase(stored);
  const engine = engineByName(database.spec.engine ?? '');
  if (engine === undefined) return [];
  const { name, namespace, uid = '' } = stored.metadata;
  const { objects } = desiredObjects(database, engine, { ownerUid: uid, credentials: noCredentials });
  const set = known.find(({ resource, object }) => resource.kind === 'StatefulSet' && object.metadata.name === name);
  // Claims of members that are still to come: the StatefulSet's controller would use whatever has the name.
  const wanted = objects.length === 0 ? 0 : (database.spec.replicas ?? 1);
  const from = set === undefined ? 0 : shapeOf(set.object).replicas;
  const claims = Array.from({ length: Math.max(0, wanted - from) }, (_, index) => claimName(name, from + index));
  const scope = namespace === undefined ? {} : { namespace };
  return [
    ...objects.map(({ resource, object }) => ({ resource, ...scope, name: object.metadata.name })),
    ...claims.map((claim) => ({ resource: resources.PersistentVolumeClaim, ...scope, name: claim })),
  ];
}

async function listClaims(
  stored: Database,
  client: KubernetesClient,
  signal: AbortSignal,
): Promise<readonly KubernetesObject[]> {
  const { name, namespace } = stored.metadata;
  const page = await client.listPage(resources.PersistentVolumeClaim, {
    ...(namespace !== undefined && { namespace }),
    labelSelector: `app.kubernetes.io/managed-by=${fieldManager},${nameLabel}=${name}`,
    signal,
  });
  return page.items;
}

async function finalJobs(
  { metadata: { name, namespace } }: Database,
  client: KubernetesClient,
  cached: readonly KubernetesObject[],
  signal: AbortSignal,
): Promise<readonly KubernetesObject[]> {
  const ref = { resource: resources.Job, name: finalBackupName(name), ...(namespace !== undefined && { namespace }) };
  if (cached.some(({ metadata }) => metadata.name === ref.name)) return cached;
  const job = await client.get(ref, { signal });
  return job === undefined ? cached : [...cached, job];
}

/** Unknown counts as no: a Job that is refused tells it then. */
async function isNamespaceEnding(
  namespace: string | undefined,
  deps: GatherDeps,
  signal: AbortSignal,
): Promise<boolean> {
  if (namespace === undefined) return false;
  const cached = deps.caches.store(resources.Namespace)?.get(undefined, namespace);
  if (cached?.metadata.deletionTimestamp !== undefined) return true;
  try {
    const live = await deps.client.get({ resource: resources.Namespace, name: namespace }, { signal });
    return live?.metadata.deletionTimestamp !== undefined;
  } catch {
    return false;
  }
}
