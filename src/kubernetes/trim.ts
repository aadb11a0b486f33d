/** What never enters a store: half of a typical object is bookkeeping that nobody here reads. */
import type { KubernetesObject } from '../api/object.ts';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** The object without `managedFields` and kubectl's last-applied annotation; the argument is left alone. */
export function trim(object: KubernetesObject): KubernetesObject {
  const { annotations } = object.metadata;
  if (!('managedFields' in object.metadata) && annotations?.[LAST_APPLIED] === undefined) return object;
  const metadata: Record<string, unknown> = { ...object.metadata };
  delete metadata['managedFields'];
  if (annotations?.[LAST_APPLIED] !== undefined) {
    metadata['annotations'] = Object.fromEntries(Object.entries(annotations).filter(([name]) => name !== LAST_APPLIED));
  }
  return { ...object, metadata: { ...metadata, name: object.metadata.name } };
}

/** metav1.PartialObjectMetadata under the resource's own kind: everything but metadata is dropped. */
export function metadataOf(object: KubernetesObject): KubernetesObject {
  return { apiVersion: object.apiVersion, kind: object.kind, metadata: object.metadata };
}
