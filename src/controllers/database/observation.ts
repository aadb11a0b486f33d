/** What one pass knows, and what it decides to do. */
import type { Facts } from '../../admission/facts.ts';
import type { KubernetesObject, ObjectRef } from '../../api/object.ts';
import type { Database, DatabaseBackup, DatabaseStatus } from '../../api/types.generated.ts';
import type { RandomBytes } from '../../desired/secret.ts';
import type { Engine } from '../../engines/engine.ts';
import type { MeasuredVolume } from '../../planning/growth.ts';
import type { Entry } from '../../planning/observed.ts';
import type { ApplyStep, Step } from '../../planning/step.ts';
import type { Report } from '../../planning/topology-types.ts';
import type { Stuck } from '../../status/stuck.ts';

export interface Observation {
  /** As the API server has it. */
  readonly stored: Database;
  /** Objects under the names of children, and those that carry our labels; whoever owns them. */
  readonly children: readonly Entry[];
  /** Pods of the servers. */
  readonly pods: readonly KubernetesObject[];
  /** Claims of the servers' data. */
  readonly claims: readonly KubernetesObject[];
  readonly jobs: readonly KubernetesObject[];
  /** Pods that back up or restore it. */
  readonly backupPods: readonly KubernetesObject[];
  /** What a recovery needs to know; undefined: none is under way. */
  readonly recovery: RecoveryFacts | undefined;
  /** What members have said of themselves, by name of the pod; empty: they are not asked. */
  readonly reports: ReadonlyMap<string, Report>;
  /** How full volumes are that may grow by themselves, by name of the pod. */
  readonly volumes: ReadonlyMap<string, MeasuredVolume>;
  /** True only when it was read: the namespace is being deleted. */
  readonly namespaceEnding: boolean;
  readonly serviceMonitors: boolean;
  readonly prometheusRules: boolean;
  readonly stuck: Stuck;
}

export interface RecoveryFacts {
  /** That of `backupRef`; undefined: it does not exist, or a bucket is named. */
  readonly backup: DatabaseBackup | undefined;
  /** The application's, from the backup or from its user; undefined: neither has one, or the credentials are made already. */
  readonly password: string | Unusable | undefined;
}

/** Why something can't be used; the reason is one of a condition. */
export interface Unusable {
  readonly reason: string;
  readonly why: string;
}

export interface DecideContext {
  readonly now: Date;
  readonly facts: Facts;
  /** CSPRNG: asked only when credentials are made for the first time. */
  readonly randomBytes: RandomBytes;
  readonly engineByName: (name: string) => Engine | undefined;
  /** True when the server has taken this very apply and the object has not changed since: it would write nothing. */
  readonly isApplied: (step: ApplyStep, live: KubernetesObject | undefined) => boolean;
  readonly operatorNamespace?: string;
  readonly clusterDomain?: string;
  readonly agentImage?: string;
}

export interface EventIntent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly note: string;
}

export interface Decision {
  readonly finalizer?: 'add' | 'remove';
  /** Recorded, guarded by resourceVersion, before any step is taken. */
  readonly record?: Pick<DatabaseStatus, 'currentPrimary' | 'primaryTerm'>;
  /** Told as soon as it is recorded. */
  readonly recorded?: EventIntent;
  /** What the annotation that asks for a switchover becomes after the steps: it was `value` when this was decided. */
  readonly answered?: { readonly value: string; readonly refused?: string };
  /** PersistentVolumes that must outlive their claims: their namespace is going. */
  readonly keepVolumes?: readonly string[];
  readonly steps: readonly Step[];
  /** Undefined: not written in this pass. */
  readonly status?: DatabaseStatus;
  readonly events: readonly EventIntent[];
  readonly requeueAfterSeconds?: number;
  /** Members are asked more often; absent: there is nobody to ask. */
  readonly unsettled?: boolean;
}

export const liveOf = (
  { children }: Pick<Observation, 'children'>,
  { resource, name }: ObjectRef,
): KubernetesObject | undefined =>
  children.find((child) => child.resource.kind === resource.kind && child.object.metadata.name === name)?.object;

export const childOf = (observation: Observation, kind: string, name: string): KubernetesObject | undefined =>
  observation.children.find(({ resource, object }) => resource.kind === kind && object.metadata.name === name)?.object;
