/**
 * Facts for admission and for the loop's own recheck, from the caches. What is not watched, not yet read, or not heard of for
 * too long is unknown, and says why: a rule then warns, because a verdict on what may have changed since would be a guess.
 */
import type { Fact, Facts, StorageClassFact, Unknown } from '../admission/facts.ts';
import type { KubernetesObject, Resource } from '../api/object.ts';
import * as resources from '../api/resources.ts';
import type { Store } from '../kubernetes/store.ts';
import type { Clock } from '../values/clock.ts';
import type { Caches } from './caches.ts';

const isDefaultClass = 'storageclass.kubernetes.io/is-default-class';
/** A watch brings a bookmark about once a minute: with three of them missing it is not to be trusted. */
const longestAgeMilliseconds = 180_000;

const byKind = new Map<string, Resource>(
  [...resources.ownKinds, resources.Namespace, resources.StorageClass].map((resource) => [resource.kind, resource]),
);

export interface FactsOptions {
  readonly clock: Pick<Clock, 'now'>;
  /** Milliseconds since the last event or bookmark; 3 minutes. The loop, which acts on its caches anyway, sets none. */
  readonly longestAge?: number;
}

const unknown = (why: string): Unknown => ({ known: false, why });
const never = (why: string): Unknown => ({ known: false, why, lasting: true });

type Read = <T>(resource: Resource | undefined, namespace: string | undefined, get: (store: Store) => T) => Fact<T>;

function reader(caches: Caches, { clock, longestAge = longestAgeMilliseconds }: FactsOptions): Read {
  return (resource, namespace, get) => {
    const store = resource && caches.store(resource);
    if (resource === undefined || store === undefined) {
      return never(`the operator does not read ${resource?.plural ?? 'this kind'} here`);
    }
    if (caches.isAbsent(resource)) return never(`${resource.plural} are not installed`);
    const heardAt = caches.heardAt(resource, resource.namespaced ? namespace : undefined);
    if (heardAt === undefined) {
      return store.synced
        ? never('the operator watches some namespaces only')
        : unknown('the operator has just started and has not read it');
    }
    const age = Math.max(0, clock.now() - heardAt);
    if (age > longestAge) return unknown(`the operator has not heard of ${resource.plural} for ${minutes(age)}`);
    return { known: true, value: get(store), ageSeconds: Math.floor(age / 1000) };
  };
}

const minutes = (milliseconds: number): string => `${Math.floor(milliseconds / 60_000)} min`;

/** A `list` without a namespace asks for all of them, which an operator that watches some does not know. */
export function factsOf(caches: Caches, options: FactsOptions): Facts {
  const read = reader(caches, options);
  return {
    storageClasses: () => read(resources.StorageClass, undefined, (store) => store.list().map(classFact)),
    namespaceLabels(namespace) {
      const fact = read(resources.Namespace, undefined, (store) => store.get(undefined, namespace));
      if (!fact.known) return fact;
      // It may have been made a moment ago.
      if (fact.value === undefined) return unknown(`the operator knows no namespace ${namespace}`);
      return { ...fact, value: fact.value.metadata.labels ?? {} };
    },
    // Foreign Secrets are not watched: their contents would fill the memory, and most of them are none of our business.
    secretKeys(namespace, name) {
      const fact = read(resources.Secret, namespace, (store) => store.get(namespace, name));
      if (!fact.known) return fact;
      if (fact.value === undefined) return never('the operator reads no Secrets but its own');
      return { ...fact, value: Object.keys(fact.value['data'] ?? {}) };
    },
    get: (kind, namespace, name) => read(byKind.get(kind), namespace, (store) => store.get(namespace, name)),
    list: (kind, namespace) => read(byKind.get(kind), namespace, (store) => store.list(namespace)),
  };
}

const classFact = (object: KubernetesObject): StorageClassFact => ({
  name: object.metadata.name,
  allowVolumeExpansion: object['allowVolumeExpansion'] === true,
  isDefault: object.metadata.annotations?.[isDefaultClass] === 'true',
});
