/** Our finalizer on an object of ours: put on and taken off by patches that fail if somebody else was there in between. */
import type { KubernetesObject, ObjectRef } from '../../api/object.ts';
import { ownKinds, refOf } from '../../api/resources.ts';
import { finalizer } from '../../desired/names.ts';
import type { JsonPatch, KubernetesClient } from '../../kubernetes/client.ts';
import { isNotFound } from '../../kubernetes/errors.ts';

function refTo(object: KubernetesObject): ObjectRef {
  const resource = ownKinds.find(({ kind }) => kind === object.kind);
  if (resource === undefined) throw new Error(`${object.kind} is no kind of ours`);
  return refOf(resource, object);
}

export function addFinalizer(object: KubernetesObject, client: KubernetesClient): Promise<KubernetesObject> {
  const { metadata } = object;
  const path = '/metadata/finalizers';
  const patch: JsonPatch = [
    { op: 'test', path: '/metadata/resourceVersion', value: metadata.resourceVersion },
    ...(metadata.finalizers === undefined || metadata.finalizers.length === 0
      ? [{ op: 'add', path, value: [finalizer] } as const]
      : [{ op: 'add', path: `${path}/-`, value: finalizer } as const]),
  ];
  return client.jsonPatch(refTo(object), patch);
}

/** Only this one, at the place where it was seen: other people's finalizers are theirs. */
export async function removeFinalizer(object: KubernetesObject, client: KubernetesClient): Promise<void> {
  const index = (object.metadata.finalizers ?? []).indexOf(finalizer);
  if (index < 0) return;
  const path = `/metadata/finalizers/${index}`;
  const patch: JsonPatch = [
    { op: 'test', path: '/metadata/uid', value: object.metadata.uid },
    { op: 'test', path, value: finalizer },
    { op: 'remove', path },
  ];
  try {
    await client.jsonPatch(refTo(object), patch);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
