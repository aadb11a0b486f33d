/** Objects of our kinds through a real API server, without any webhook: what schema, defaults and CEL alone let in. */
import { createHttpClient } from '../../src/kubernetes/http-client.ts';
import { loadConnection } from '../../src/kubernetes/config.ts';
import { ApiError } from '../../src/kubernetes/errors.ts';
import type { KubernetesClient } from '../../src/kubernetes/client.ts';
import type { KubernetesObject } from '../../src/api/object.ts';
import { ownKinds } from '../../src/api/resources.ts';
import type { OwnKindName } from '../../src/api/types.generated.ts';
import { systemClock } from '../../src/composition/clock.ts';
import { controlPlane } from './harness.ts';

export interface Cause {
  readonly field: string;
  readonly reason: string;
  readonly message: string;
}

/** What the API server said: the stored object, or why not. */
export type Answer = { readonly object: KubernetesObject } | { readonly causes: readonly Cause[] };

export interface Objects {
  readonly client: KubernetesClient;
  create(kind: OwnKindName, spec: unknown, name?: string): Promise<Answer>;
  /** JSON merge patch of spec: null removes a field. */
  update(kind: OwnKindName, name: string, spec: unknown): Promise<Answer>;
}

const resourceOf = (kind: OwnKindName) => ownKinds.find((resource) => resource.kind === kind)!;

/** In one namespace; every object gets a name of its own where none is given. */
export async function objectsIn(namespace: string): Promise<Objects> {
  const { kubeconfig } = await controlPlane();
  const connection = await loadConnection({ clock: systemClock, kubeconfig, env: {} });
  const client = createHttpClient({ connection: connection!, clock: systemClock, userAgent: 'crd-tests' });
  const made = { count: 0 };
  return {
    client,
    create: (kind, spec, name = `object-${++made.count}`) =>
      answer(
        client.create(resourceOf(kind), {
          apiVersion: 'example.com/v1',
          kind,
          metadata: { name, namespace },
          ...(spec !== undefined && { spec }),
        }),
      ),
    update: (kind, name, spec) => answer(client.mergePatch({ resource: resourceOf(kind), namespace, name }, { spec })),
  };
}

async function answer(request: Promise<KubernetesObject>): Promise<Answer> {
  try {
    return { object: await request };
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 422) throw error;
    const { details } = error.status as { details?: { causes?: readonly Cause[] } };
    return { causes: details?.causes ?? [] };
  }
}
