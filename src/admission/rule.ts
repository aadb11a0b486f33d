/** A rule is pure: what it may know is in its input. */
import type { KubernetesObject } from '../api/object.ts';
import type { Facts } from './facts.ts';
import type { Finding } from './finding.ts';

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE';

export type OwnKind =
  'Database' | 'DatabaseUser' | 'DatabaseBackup' | 'DatabaseMonitor' | 'MultiTenantDatabase' | 'RedisCluster';

export interface UserInfo {
  readonly username: string;
  readonly groups: readonly string[];
  readonly uid?: string;
  /** What the authenticator added: authorizers may look at it. */
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/**
 * `object` and `oldObject` have defaults applied. On DELETE `object` is what is about to go (the review's oldObject).
 */
export interface RuleInput<T extends KubernetesObject = KubernetesObject> {
  readonly operation: Operation;
  readonly object: T;
  readonly oldObject: T | undefined;
  /** Before defaulting: for rules about what the user wrote himself. */
  readonly written: KubernetesObject;
  readonly user: UserInfo;
  readonly now: Date;
  readonly facts: Facts;
}

export interface Example {
  readonly title: string;
  /** A whole manifest, or for UPDATE the new one. */
  readonly object: KubernetesObject;
  readonly oldObject?: KubernetesObject;
  readonly operation?: Operation;
  readonly facts?: Partial<Facts>;
}

export interface Rule<T extends KubernetesObject = KubernetesObject> {
  /** Capitals and three digits, never reused: `DB012`. */
  readonly id: string;
  /** Few words, for the table in docs/rules.md. */
  readonly title: string;
  readonly kind: OwnKind;
  readonly on: readonly Operation[];
  /** Such as `spec.backup.schedule`: the rule is not asked about an object that lacks this field, since it would be silent. */
  readonly needs?: string;
  readonly why: string;
  readonly remedy: string;
  /** Version of the operator that brought it. */
  readonly since: string;
  readonly severity: 'deny' | 'warn';
  check(input: RuleInput<T>): readonly Finding[];
  readonly accepted: readonly Example[];
  readonly refused: readonly Example[];
}
