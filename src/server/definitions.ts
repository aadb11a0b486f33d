/**
 * What is left of a kind, asked of the API server itself: before a definition goes, a cache that is a moment behind, or that
 * sees only some namespaces, is not good enough.
 */
import type { Facts } from '../admission/facts.ts';
import type { AdmissionRequest } from '../admission/review.ts';
import { CustomResourceDefinition, ownKinds } from '../api/resources.ts';
import type { KubernetesClient } from '../kubernetes/client.ts';
import type { Clock } from '../values/clock.ts';

export interface LiveOptions {
  readonly client: Pick<KubernetesClient, 'listPage'>;
  readonly clock: Clock;
  readonly facts: Facts;
  /** The caller's time is up. */
  readonly signal: AbortSignal;
}

/** Within this the API server answers or the caches must do. */
const budgetMilliseconds = 2_000;
/** More are not counted. */
const most = 250;

/** The deletion of one of our definitions: the kind whose objects it would take along. */
export function definitionToGo({ operation, resource, name, oldObject }: AdmissionRequest): string | undefined {
  const isDefinition =
    resource.group === CustomResourceDefinition.group && resource.resource === 'customresourcedefinitions';
  if (operation !== 'DELETE' || !isDefinition) return undefined;
  const definition = name !== '' ? name : oldObject?.metadata.name;
  return ownKinds.find(({ plural, group }) => `${plural}.${group}` === definition)?.kind;
}

/** `facts`, but for `list(kind)`, which is read now; as they are when the API server does not answer in time. */
export async function withLiveList(kind: string, options: LiveOptions): Promise<Facts> {
  const { client, clock, facts, signal } = options;
  const resource = ownKinds.find((own) => own.kind === kind);
  if (resource === undefined) return facts;
  const limit = new AbortController();
  const cancel = clock.after(budgetMilliseconds, () => limit.abort());
  try {
    const { items } = await client.listPage(resource, {
      limit: most,
      metadataOnly: true,
      signal: AbortSignal.any([signal, limit.signal]),
    });
    return {
      ...facts,
      list: (asked, namespace) =>
        asked === kind && namespace === undefined
          ? { known: true, value: items, ageSeconds: 0 }
          : facts.list(asked, namespace),
    };
  } catch {
    return facts;
  } finally {
    cancel();
  }
}
