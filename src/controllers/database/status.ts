/** Writes the status of an object of ours. */
import type { KubernetesObject } from '../../api/object.ts';
import * as resources from '../../api/resources.ts';
import { refOf } from '../../api/resources.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { mergePatchOf } from '../merge-patch.ts';

/** Guarded by resourceVersion: what was decided on an old status is not written over a newer one. */
export async function writeStatus(
  current: KubernetesObject,
  status: object,
  client: Pick<KubernetesClient, 'mergePatch'>,
): Promise<KubernetesObject> {
  const patch = mergePatchOf((current['status'] ?? {}) as Record<string, unknown>, { ...status });
  if (patch === undefined) return current;
  const { resourceVersion, uid } = current.metadata;
  const resource = resources.ownKinds.find(({ kind }) => kind === current.kind) ?? resources.Database;
  return client.mergePatch(
    refOf(resource, current),
    { metadata: { resourceVersion, uid }, status: patch },
    { subresource: 'status' },
  );
}
