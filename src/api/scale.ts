/** autoscaling/v1 Scale: what `kubectl scale` and autoscalers write, and `databases/scale` webhooks get to see. */
import type { KubernetesObject, ObjectMeta } from './object.ts';
import type { Database } from './types.generated.ts';

export interface Scale extends KubernetesObject {
  readonly apiVersion: 'autoscaling/v1';
  readonly kind: 'Scale';
  readonly spec: { readonly replicas?: number };
  readonly status?: { readonly replicas: number; readonly selector?: string };
}

/** `replicas` of spec and status are 0 where the Database has none, as the API server writes it. */
export function scaleOf(database: Database): Scale {
  const { spec, status } = database;
  const { selector } = status ?? {};
  return {
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: identity(database.metadata),
    spec: { replicas: spec.replicas ?? 0 },
    status: { replicas: status?.replicas ?? 0, ...(selector !== undefined && { selector }) },
  };
}

function identity({ name, namespace, uid, resourceVersion, creationTimestamp }: ObjectMeta): ObjectMeta {
  return {
    name,
    ...(namespace !== undefined && { namespace }),
    ...(uid !== undefined && { uid }),
    ...(resourceVersion !== undefined && { resourceVersion }),
    ...(creationTimestamp !== undefined && { creationTimestamp }),
  };
}

/** Undefined when the object is no Scale of a whole number. Absent means 0, as in Go. */
export function replicasOf(scale: KubernetesObject): number | undefined {
  const { spec } = scale;
  if (scale.kind !== 'Scale' || typeof spec !== 'object' || spec === null) return undefined;
  const replicas: unknown = 'replicas' in spec ? spec.replicas : 0;
  return typeof replicas === 'number' && Number.isInteger(replicas) ? replicas : undefined;
}

/** The Database that the write of the Scale would make. */
export const withReplicas = (database: Database, replicas: number): Database => ({
  ...database,
  spec: { ...database.spec, replicas },
});
