/** A read cache of one resource, fed by a reflector. Every read is a copy: compare uids, never the objects themselves. */
import type { KubernetesObject } from '../api/object.ts';

export interface Change {
  readonly before: KubernetesObject | undefined;
  readonly after: KubernetesObject | undefined;
  /** True while the first list is being delivered: such keys go to the queue at low priority. */
  readonly initial: boolean;
}

export interface Store {
  get(namespace: string | undefined, name: string): KubernetesObject | undefined;
  /** All, of one namespace, or of an index value (see `Indexer`). */
  list(namespace?: string): readonly KubernetesObject[];
  /** As `list`, one at a time: for whoever need not hold all of them. */
  each(namespace?: string): Iterable<KubernetesObject>;
  byIndex(value: string): readonly KubernetesObject[];
  readonly synced: boolean;
  onChange(listener: (change: Change) => void): void;
}

/** Values under which an object is found by `byIndex`, e.g. `namespace/instance`. */
export type Indexer = (object: KubernetesObject) => readonly string[];
