/** Our finalizer on a Database: put on and taken off by patches that fail if somebody else was there in between. */
import type { KubernetesObject } from '../../api/object.ts';
import { Database as DatabaseResource, refOf } from '../../api/resources.ts';
import type { Database } from '../../api/types.generated.ts';
import { finalizer } from '../../desired/names.ts';
import type { JsonPatch, KubernetesClient } from '../../kubernetes/client.ts';
import { isNotFound } from '../../kubernetes/errors.ts';

export function addFinalizer({ metadata, ...rest }: Database, client: KubernetesClient): Promise<KubernetesObject> {
  const path = '/metadata/finalizers';
  const patch: JsonPatch = [
    { op: 'test', path: '/metadata/resourceVersion', value: metadata.resourceVersion },
    ...(metadata.finalizers === undefined || metadata.finalizers.length === 0
      ? [{ op: 'add', path, value: [finalizer] } as const]
      : [{ op: 'add', path: `${path}/-`, value: finalizer } as const]),
  ];
  return client.jsonPatch(refOf(DatabaseResource, { ...rest, metadata }), patch);
}

/** Only this one, at the place where it was seen: other people's finalizers are theirs. */
export async function removeFinalizer(database: Database, client: KubernetesClient): Promise<void> {
  const index = (database.metadata.finalizers ?? []).indexOf(finalizer);
  if (index < 0) return;
  const path = `/metadata/finalizers/${index}`;
  const patch: JsonPatch = [
    { op: 'test', path: '/metadata/uid', value: database.metadata.uid },
    { op: 'test', path, value: finalizer },
    { op: 'remove', path },
  ];
  try {
    await client.jsonPatch(refOf(DatabaseResource, database), patch);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
