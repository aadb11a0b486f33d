/** Objects that refer to a Database: of the whole cluster, or of the namespaces concerned where only some are watched. */
import type { KubernetesObject } from '../../../api/object.ts';
import type { DatabaseReference } from '../../../api/types.generated.ts';
import type { Facts, Unknown } from '../../facts.ts';
import { refersTo } from './reference.ts';

export type Referrer = KubernetesObject & { readonly spec: { readonly databaseRef?: DatabaseReference } };

export interface Target {
  readonly namespace: string;
  readonly name: string | undefined;
  /** Namespace of the object that is looked at, where it is not the Database itself. */
  readonly own?: string;
}

/** `missing` where somewhere was not looked; what was found is true all the same. */
export function referrers<T extends Referrer>(
  kind: T['kind'],
  { namespace, name, own = namespace }: Target,
  facts: Facts,
): { readonly found: readonly T[]; readonly missing: Unknown | undefined } {
  const everywhere = facts.list(kind);
  const known = everywhere.known
    ? everywhere.value
    : [...new Set([namespace, own])].flatMap((one) => {
        const fact = facts.list(kind, one);
        return fact.known ? fact.value : [];
      });
  return {
    found: (known as readonly T[]).filter((object) => refersTo(object, namespace, name)),
    missing: everywhere.known ? undefined : everywhere,
  };
}
