/**
 * The store that a reflector fills. Objects are kept packed and read on demand, because ten thousand Databases are a hundred
 * and fifty thousand objects and the container has 128Mi (docs/adr/0021-caches-are-packed.md). What is read is a copy: two
 * reads of one object are not the same object.
 */
import type { KubernetesObject } from '../api/object.ts';
import { createHashIndex, hashOf } from './hash-index.ts';
import { createPacker } from './packer.ts';
import type { PackerOptions } from './packer.ts';
import { isOlder } from './resource-version.ts';
import type { Change, Indexer, Store } from './store.ts';

/** What a reflector writes to. Every call delivers its changes to the listeners before it returns. */
export interface MutableStore extends Store {
  /** The whole content of one namespace, or of everything, object by object. */
  relist(options: RelistOptions): Relisting;
  /** The same of what is in memory already. */
  replace(objects: readonly KubernetesObject[], options: RelistOptions): void;
  upsert(object: KubernetesObject): void;
  remove(object: KubernetesObject): void;
  markSynced(): void;
}

export interface RelistOptions {
  readonly namespace?: string;
  readonly initial: boolean;
}

/** A list that comes bit by bit. One of both ends must be reached; `abandon` after `end` does nothing. */
export interface Relisting {
  put(object: KubernetesObject): void;
  /** It begins anew: nothing counts as put. */
  restart(): void;
  /** It was the whole: what was not put is removed. */
  end(): void;
  /** It was cut short: what was put stays, nothing is removed. */
  abandon(): void;
}

export interface MemoryStoreOptions extends PackerOptions {
  readonly indexer?: Indexer;
}

interface Found {
  readonly slot: number;
  readonly object: KubernetesObject;
}

const namespaceOf = (object: KubernetesObject): string => object.metadata.namespace ?? '';
const keyHash = (namespace: string, name: string): number => hashOf(`${namespace}/${name}`);

const isSameVersion = (a: KubernetesObject, b: KubernetesObject): boolean =>
  a.metadata.resourceVersion !== undefined &&
  a.metadata.resourceVersion === b.metadata.resourceVersion &&
  a.metadata.uid === b.metadata.uid;

/** True when `next` is what we have already, or older: a duplicated or replayed event. */
function isNoNews(known: KubernetesObject, next: KubernetesObject): boolean {
  if (known.metadata.uid !== next.metadata.uid) return false;
  return isSameVersion(known, next) || isOlder(next.metadata.resourceVersion, known.metadata.resourceVersion);
}

interface Records {
  find(namespace: string, name: string): Found | undefined;
  add(object: KubernetesObject): void;
  change(before: Found, object: KubernetesObject): void;
  delete(found: Found): void;
  get(slot: number): KubernetesObject | undefined;
  /** In the order of their slots. */
  slots(namespace?: string): Iterable<number>;
  byIndex(value: string): readonly KubernetesObject[];
}

/** Packed objects in numbered slots, and the slots by name, by namespace and by index value. */
function createRecords({ indexer = () => [], ...packing }: MemoryStoreOptions): Records {
  const packer = createPacker(packing);
  const records: (string | undefined)[] = [];
  const free: number[] = [];
  const [names, namespaces, values] = [createHashIndex(), createHashIndex(), createHashIndex()];

  const get = (slot: number): KubernetesObject | undefined => {
    const packed = records[slot];
    return packed === undefined ? undefined : packer.unpack(packed);
  };
  const pick = (slots: readonly number[], isIt: (object: KubernetesObject) => boolean): Found[] =>
    slots.flatMap((slot) => {
      const object = get(slot);
      return object !== undefined && isIt(object) ? [{ slot, object }] : [];
    });
  const index = (slot: number, object: KubernetesObject): void => {
    for (const value of new Set(indexer(object))) values.add(hashOf(value), slot);
  };
  const unindex = ({ slot, object }: Found): void => {
    for (const value of new Set(indexer(object))) values.delete(hashOf(value), slot);
  };

  return {
    get,
    find: (namespace, name) =>
      pick(
        names.get(keyHash(namespace, name)),
        (object) => object.metadata.name === name && namespaceOf(object) === namespace,
      )[0],
    add(object) {
      const slot = free.pop() ?? records.length;
      records[slot] = packer.pack(object);
      names.add(keyHash(namespaceOf(object), object.metadata.name), slot);
      namespaces.add(hashOf(namespaceOf(object)), slot);
      index(slot, object);
    },
    change(before, object) {
      records[before.slot] = packer.pack(object);
      if (indexer(before.object).join() === indexer(object).join()) return;
      unindex(before);
      index(before.slot, object);
    },
    delete(found) {
      const { slot, object } = found;
      records[slot] = undefined;
      free.push(slot);
      names.delete(keyHash(namespaceOf(object), object.metadata.name), slot);
      namespaces.delete(hashOf(namespaceOf(object)), slot);
      unindex(found);
    },
    *slots(namespace) {
      if (namespace !== undefined) yield* namespaces.get(hashOf(namespace));
      else for (let slot = 0; slot < records.length; slot++) if (records[slot] !== undefined) yield slot;
    },
    byIndex: (value) =>
      pick(values.get(hashOf(value)), (object) => indexer(object).includes(value)).map(({ object }) => object),
  };
}

export function createMemoryStore(options: MemoryStoreOptions = {}): MutableStore {
  const records = createRecords(options);
  const listeners: ((change: Change) => void)[] = [];
  /** Of each list that is under way: slots that it has not named yet. */
  const unseen = new Set<Set<number>>();
  let synced = false;

  const emit = (change: Change): void => {
    for (const listener of listeners) listener(change);
  };
  const put = (before: Found | undefined, object: KubernetesObject, initial: boolean): void => {
    if (before === undefined) records.add(object);
    else records.change(before, object);
    emit({ before: before?.object, after: object, initial });
  };
  const drop = (found: Found, last: KubernetesObject): void => {
    records.delete(found);
    // The slot may be another's in a moment.
    for (const slots of unseen) slots.delete(found.slot);
    emit({ before: last, after: undefined, initial: false });
  };
  function* each(namespace?: string): Generator<KubernetesObject, void, undefined> {
    for (const slot of records.slots(namespace)) {
      const object = records.get(slot);
      if (object !== undefined && (namespace === undefined || namespaceOf(object) === namespace)) yield object;
    }
  }
  const relist = ({ namespace, initial }: RelistOptions): Relisting => {
    const missing = new Set(records.slots(namespace));
    unseen.add(missing);
    return {
      // A list is the truth of its moment even when its versions are lower: etcd may have been restored from a backup.
      put(object) {
        const before = records.find(namespaceOf(object), object.metadata.name);
        if (before !== undefined) missing.delete(before.slot);
        if (before === undefined || !isSameVersion(before.object, object)) put(before, object, initial);
      },
      restart() {
        for (const slot of records.slots(namespace)) missing.add(slot);
      },
      end() {
        unseen.delete(missing);
        for (const slot of missing) {
          const object = records.get(slot);
          if (object === undefined || (namespace !== undefined && namespaceOf(object) !== namespace)) continue;
          drop({ slot, object }, object);
        }
      },
      abandon: () => void unseen.delete(missing),
    };
  };

  return {
    get: (namespace, name) => records.find(namespace ?? '', name)?.object,
    list: (namespace) => [...each(namespace)],
    each,
    byIndex: (value) => records.byIndex(value),
    get synced() {
      return synced;
    },
    onChange: (listener) => void listeners.push(listener),
    markSynced: () => void (synced = true),
    relist,
    replace(objects, how) {
      const relisting = relist(how);
      for (const object of objects) relisting.put(object);
      relisting.end();
    },
    upsert(object) {
      const known = records.find(namespaceOf(object), object.metadata.name);
      if (known === undefined || !isNoNews(known.object, object)) put(known, object, false);
    },
    remove(object) {
      const known = records.find(namespaceOf(object), object.metadata.name);
      // A late DELETED of a predecessor must not remove the namesake that took its place.
      if (known !== undefined && known.object.metadata.uid === object.metadata.uid) drop(known, object);
    },
  };
}
