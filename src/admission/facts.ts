/**
 * Live facts: what the informers hold. Every answer may be 'unknown' (no cluster, cache not synced, fact too old);
 * a rule then warns "not checked" where it would have refused, and never refuses on absence of knowledge.
 */
import type { KubernetesObject } from '../api/object.ts';

export interface Unknown {
  readonly known: false;
  /** For people, where there is a cluster that could have told. Absent without one. */
  readonly why?: string;
  /** It will not be known later either: not in this install. */
  readonly lasting?: boolean;
}

/** `ageSeconds`: since the cluster was last heard of. */
export type Fact<T> = { readonly known: true; readonly value: T; readonly ageSeconds: number } | Unknown;

export interface StorageClassFact {
  readonly name: string;
  readonly allowVolumeExpansion: boolean;
  readonly isDefault: boolean;
}

/** May the user of this review `create` the subresource of this Database? */
export interface AccessQuestion {
  /** Such as `grant-readonly`. */
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
}

/** `unanswered`: there is a cluster to ask, and it did not say. Nothing is granted on that. */
export type Access = 'allowed' | 'denied' | 'unanswered';

export interface Facts {
  storageClasses(): Fact<readonly StorageClassFact[]>;
  namespaceLabels(namespace: string): Fact<Readonly<Record<string, string>>>;
  /** `value` is undefined when the object does not exist. */
  secretKeys(namespace: string, name: string): Fact<readonly string[] | undefined>;
  get(kind: string, namespace: string, name: string): Fact<KubernetesObject | undefined>;
  list(kind: string, namespace?: string): Fact<readonly KubernetesObject[]>;
  /** Absent without a cluster, where nobody can be asked. */
  access?(question: AccessQuestion): Fact<Access>;
}

const unknown = { known: false } as const;

/** Without a cluster nothing is known. */
export const noFacts: Facts = {
  storageClasses: () => unknown,
  namespaceLabels: () => unknown,
  secretKeys: () => unknown,
  get: () => unknown,
  list: () => unknown,
};
