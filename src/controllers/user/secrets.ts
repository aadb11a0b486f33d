/** The Secret of a user and its copies: found, written, taken away. Somebody else's Secret of such a name is left alone. */
import { consentLabel } from '../../admission/rules/checks/reference.ts';
import type { Facts } from '../../admission/facts.ts';
import type { KubernetesObject } from '../../api/object.ts';
import { refOf, Secret } from '../../api/resources.ts';
import { ownerKindLabel, ownerNameLabel, ownerNamespaceLabel } from '../../desired/names.ts';
import { copyLabel, type SecretOwner } from '../../desired/user-secret.ts';
import type { Applier } from '../../kubernetes/applier.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { isNotFound } from '../../kubernetes/errors.ts';
import { ownerKey, type Caches } from '../caches.ts';

export interface SecretDeps {
  readonly client: KubernetesClient;
  readonly caches: Caches;
  readonly applier: Applier;
}

export const consentIn =
  (facts: Facts) =>
  (namespace: string): boolean | undefined => {
    const labels = facts.namespaceLabels(namespace);
    return labels.known ? labels.value[consentLabel] === 'true' : undefined;
  };

/** All that carry the labels of this owner, wherever they lie. */
export const secretsOf = ({ kind, namespace, name }: SecretOwner, caches: Caches): readonly KubernetesObject[] =>
  caches.store(Secret)?.byIndex(ownerKey(kind, namespace, name)) ?? [];

export const isCopy = ({ metadata }: KubernetesObject): boolean => metadata.labels?.[copyLabel] === 'true';

export const isOf = ({ metadata }: KubernetesObject, { kind, namespace, name }: SecretOwner): boolean =>
  metadata.labels?.[ownerKindLabel] === kind &&
  metadata.labels[ownerNameLabel] === name &&
  metadata.labels[ownerNamespaceLabel] === namespace;

/** The one in the cache, or as the API server has it, since one without labels of ours is in no cache. */
export async function findSecret(
  namespace: string,
  name: string,
  { client, caches }: SecretDeps,
): Promise<KubernetesObject | undefined> {
  return caches.store(Secret)?.get(namespace, name) ?? (await client.get({ resource: Secret, namespace, name }));
}

/** False: the name is somebody else's. */
export async function writeSecret(intent: KubernetesObject, owner: SecretOwner, deps: SecretDeps): Promise<boolean> {
  const current = await findSecret(intent.metadata.namespace ?? '', intent.metadata.name, deps);
  if (current !== undefined && !isOf(current, owner)) return false;
  await deps.applier.apply(Secret, intent, current, { force: true });
  return true;
}

export async function removeSecret(secret: KubernetesObject, { client, applier }: SecretDeps): Promise<void> {
  const { uid, namespace, name } = secret.metadata;
  applier.forget(Secret, namespace, name);
  try {
    await client.delete(refOf(Secret, secret), uid === undefined ? {} : { uid });
  } catch (error) {
    // A namesake has taken its place, or nothing has.
    if (!isNotFound(error) && (error as { code?: unknown }).code !== 409) throw error;
  }
}

/** Writes the copies that are to be there and removes the others; answers namespaces whose Secret is somebody else's. */
export async function keepCopies(
  own: KubernetesObject | undefined,
  present: readonly string[],
  owner: SecretOwner,
  deps: SecretDeps,
): Promise<readonly string[]> {
  const taken: string[] = [];
  for (const copy of secretsOf(owner, deps.caches).filter(isCopy)) {
    if (own === undefined || !present.includes(copy.metadata.namespace ?? '')) await removeSecret(copy, deps);
  }
  if (own === undefined) return [];
  for (const namespace of present) {
    // Without the annotations: what the operator has to know stays where its owner is.
    const { name, labels } = own.metadata;
    const copy = { ...own, metadata: { name, namespace, labels: { ...labels, [copyLabel]: 'true' } } };
    if (!(await writeSecret(copy, owner, deps))) taken.push(namespace);
  }
  return taken;
}
