/** Writes of the plugin: what the API server warns of is told as kubectl tells it. */
import type { KubernetesObject, ObjectRef, Resource } from '../api/object.ts';
import { Database as databases } from '../api/resources.ts';
import type { Database } from '../api/types.generated.ts';
import type { Cluster } from './cluster.ts';
import type { Call } from './command.ts';
import { follow, knownEvents, type Outcome } from './follow.ts';

function tellWarnings({ world, style }: Call, cluster: Cluster): void {
  for (const text of cluster.takeWarnings()) world.stderr(`${style('warn', 'Warning:')} ${text}\n`);
}

export async function patch(call: Call, cluster: Cluster, ref: ObjectRef, body: unknown): Promise<KubernetesObject> {
  try {
    return await cluster.client.mergePatch(ref, body);
  } finally {
    tellWarnings(call, cluster);
  }
}

export async function create(
  call: Call,
  cluster: Cluster,
  resource: Resource,
  object: KubernetesObject,
): Promise<void> {
  try {
    await cluster.client.create(resource, object);
  } finally {
    tellWarnings(call, cluster);
  }
}

export interface DatabaseChange {
  readonly cluster: Cluster;
  readonly database: Database;
  readonly body: unknown;
  /** What is told when nothing is waited for. */
  readonly stored: string;
  readonly judge: (object: KubernetesObject, events: readonly KubernetesObject[], changed: KubernetesObject) => Outcome;
}

/** Patches a Database and follows what becomes of it. The exit code. */
export async function changeDatabase(
  call: Call,
  { cluster, database, body, stored, judge }: DatabaseChange,
): Promise<number> {
  const { name } = database.metadata;
  const known = await knownEvents(cluster, { resource: databases, name });
  const changed = await patch(call, cluster, { resource: databases, namespace: cluster.namespace, name }, body);
  if (!call.is('wait', true)) {
    call.world.stdout(`${stored}\n`);
    return 0;
  }
  return follow(
    call,
    cluster,
    { resource: databases, name, judge: (object, events) => judge(object, events, changed) },
    known,
  );
}
