/** Whose an object is that has the name of a child. Only our own is changed; a name taken by another is never fought over. */
import type { KubernetesObject } from '../api/object.ts';
import { GROUP } from '../api/resources.ts';
import { fieldManager, nameLabel } from '../desired/names.ts';
import type { Entry } from './observed.ts';

/**
 * `ours`: made for this Database. `kept`: volume or credentials that outlive their Database and carry our labels.
 * `previous`: belongs to a deleted Database of the same name; the garbage collector is about to remove it.
 * `foreign`: somebody else's.
 */
export type Standing = 'ours' | 'kept' | 'previous' | 'foreign';

const managedBy = 'app.kubernetes.io/managed-by';

/** Kinds that are kept when a Database is deleted. */
const outliving = new Set(['Secret', 'PersistentVolumeClaim']);

export const carriesOurLabels = (object: KubernetesObject, name: string): boolean =>
  object.metadata.labels?.[managedBy] === fieldManager && object.metadata.labels[nameLabel] === name;

export function standingOf({ resource, object }: Entry, database: KubernetesObject): Standing {
  const { name, uid } = database.metadata;
  const owners = object.metadata.ownerReferences ?? [];
  if (owners.some((owner) => owner.uid === uid)) return 'ours';
  const controller = owners.find((owner) => owner.controller === true);
  if (controller === undefined) {
    return outliving.has(resource.kind) && carriesOurLabels(object, name) ? 'kept' : 'foreign';
  }
  const isNamesake =
    controller.kind === 'Database' && controller.apiVersion.startsWith(`${GROUP}/`) && controller.name === name;
  return isNamesake && carriesOurLabels(object, name) ? 'previous' : 'foreign';
}
