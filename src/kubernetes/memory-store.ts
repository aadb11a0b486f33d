/** The store that a reflector fills: a map per namespace plus the indexes that controllers ask for. */
import type { KubernetesObject } from '../api/object.ts';
import { isOlder } from './resource-version.ts';
import type { Change, Indexer, Store } from './store.ts';

/** What a reflector writes to. Every call delivers its changes to the listeners before it returns. */
export interface MutableStore extends Store {
  /** The whole content of one namespace, or of everything; what is missing from `objects` is removed. */
  replace(
    objects: readonly KubernetesObject[],
    options: { readonly namespace?: string; readonly initial: boolean },
  ): void;
  upsert(object: KubernetesObject): void;
  remove(object: KubernetesObject): void;
  markSynced(): void;
}

export interface MemoryStoreOptions {
  readonly indexer?: Indexer;
}

type Objects = Map<string, KubernetesObject>;

const namespaceOf = (object: KubernetesObject): string => object.metadata.namespace ?? '';

const isSameVersion = (a: KubernetesObject, b: KubernetesObject): boolean =>
  a.metadata.resourceVersion !== undefined &&
  a.metadata.resourceVersion === b.metadata.resourceVersion &&
  a.metadata.uid === b.metadata.uid;

/** True when `next` is what we have already, or older: a duplicated or replayed event. */
function isNoNews(known: KubernetesObject, next: KubernetesObject): boolean {
  if (known.metadata.uid !== next.metadata.uid) return false;
  return isSameVersion(known, next) || isOlder(next.metadata.resourceVersion, known.metadata.resourceVersion);
}

function createIndex(indexer: Indexer | undefined): {
  move(before: KubernetesObject | undefined, after: KubernetesObject | undefined): void;
  get(value: string): readonly KubernetesObject[];
} {
  const index = new Map<string, Objects>();
  const keyOf = (object: KubernetesObject): string => `${namespaceOf(object)}/${object.metadata.name}`;
  const drop = (object: KubernetesObject): void => {
    for (const value of indexer?.(object) ?? []) {
      const bucket = index.get(value);
      bucket?.delete(keyOf(object));
      if (bucket?.size === 0) index.delete(value);
    }
  };
  const add = (object: KubernetesObject): void => {
    for (const value of indexer?.(object) ?? []) {
      const bucket = index.get(value) ?? new Map<string, KubernetesObject>();
      index.set(value, bucket.set(keyOf(object), object));
    }
  };
  return {
    move(before, after) {
      if (before !== undefined) drop(before);
      if (after !== undefined) add(after);
    },
    get: (value) => [...(index.get(value)?.values() ?? [])],
  };
}

export function createMemoryStore(options: MemoryStoreOptions = {}): MutableStore {
  const namespaces = new Map<string, Objects>();
  const listeners: ((change: Change) => void)[] = [];
  const index = createIndex(options.indexer);
  let synced = false;

  const find = (namespace: string, name: string): KubernetesObject | undefined => namespaces.get(namespace)?.get(name);
  const emit = (change: Change): void => {
    for (const listener of listeners) listener(change);
  };
  const put = (object: KubernetesObject, initial: boolean): void => {
    const namespace = namespaceOf(object);
    const before = find(namespace, object.metadata.name);
    const objects = namespaces.get(namespace) ?? new Map<string, KubernetesObject>();
    namespaces.set(namespace, objects.set(object.metadata.name, object));
    index.move(before, object);
    emit({ before, after: object, initial });
  };
  const drop = (before: KubernetesObject, last: KubernetesObject): void => {
    const objects = namespaces.get(namespaceOf(before));
    objects?.delete(before.metadata.name);
    if (objects?.size === 0) namespaces.delete(namespaceOf(before));
    index.move(before, undefined);
    emit({ before: last, after: undefined, initial: false });
  };
  const all = (): KubernetesObject[] => [...namespaces.values()].flatMap((objects) => [...objects.values()]);

  return {
    get: (namespace, name) => find(namespace ?? '', name),
    list: (namespace) => (namespace === undefined ? all() : [...(namespaces.get(namespace)?.values() ?? [])]),
    byIndex: (value) => index.get(value),
    get synced() {
      return synced;
    },
    onChange: (listener) => void listeners.push(listener),
    markSynced: () => void (synced = true),
    upsert(object) {
      const known = find(namespaceOf(object), object.metadata.name);
      if (known === undefined || !isNoNews(known, object)) put(object, false);
    },
    remove(object) {
      const known = find(namespaceOf(object), object.metadata.name);
      // A late DELETED of a predecessor must not remove the namesake that took its place.
      if (known !== undefined && known.metadata.uid === object.metadata.uid) drop(known, object);
    },
    replace(objects, { namespace, initial }) {
      const kept = new Set(objects.map((object) => `${namespaceOf(object)}/${object.metadata.name}`));
      const known = namespace === undefined ? all() : [...(namespaces.get(namespace)?.values() ?? [])];
      for (const object of known) {
        if (!kept.has(`${namespaceOf(object)}/${object.metadata.name}`)) drop(object, object);
      }
      // A list is the truth of its moment even when its versions are lower: etcd may have been restored from a backup.
      for (const object of objects) {
        const before = find(namespaceOf(object), object.metadata.name);
        if (before === undefined || !isSameVersion(before, object)) put(object, initial);
      }
    },
  };
}
