/** What the status is told of: facts of one pass, and how the database stands by them. */
import type { KubernetesObject } from '../api/object.ts';
import type { Database, Diagnosis } from '../api/types.generated.ts';
import type { Engine } from '../engines/engine.ts';
import type { TopologyDecision, TopologyInput } from '../planning/topology-types.ts';
import type { BackupView } from './backup.ts';
import type { RecoveryView } from './recovery.ts';
import type { Stuck } from './stuck.ts';

/** Why the operator does not act, or not fully. */
export interface Problem {
  /** Of the condition Ready (or Degraded, when the database serves in spite of it). */
  readonly reason: string;
  readonly message: string;
  /** True: nothing is wrong, something is waited for. */
  readonly waits?: boolean;
}

export interface StatusInput {
  /** With defaults. */
  readonly database: Database;
  /** Undefined: not known at all. */
  readonly engine: Engine | undefined;
  readonly pods: readonly KubernetesObject[];
  readonly claims: readonly KubernetesObject[];
  readonly statefulSet: KubernetesObject | undefined;
  readonly backup: BackupView;
  /** The restore that spec.bootstrap asks for; undefined: it asks for none. */
  readonly recovery: RecoveryView | undefined;
  /** Who is primary where there are several members, and what they say of themselves; undefined: a lone server. */
  readonly topology: { readonly input: TopologyInput; readonly decision: TopologyDecision } | undefined;
  readonly primary: string | undefined;
  readonly term: number | undefined;
  readonly problem: Problem | undefined;
  /** Field paths that recheck refuses. */
  readonly invalidFields: readonly string[];
  /** What is still to be done, in words; empty: nothing. */
  readonly pending: readonly string[];
  /** False: monitoring is asked for and the cluster has no ServiceMonitor. */
  readonly serviceMonitors: boolean;
  readonly storageClasses: readonly string[] | undefined;
  readonly stuck: Stuck;
  readonly extraDiagnosis: readonly Diagnosis[];
  /** False: the operator did not act on this generation (paused, invalid, failed). */
  readonly acted: boolean;
  readonly now: Date;
}

export interface Standing {
  /** Servers that should be there now. */
  readonly wanted: number;
  readonly existing: number;
  readonly ready: number;
  /** It takes writes: a lone one is ready, one with peers has said so. */
  readonly primaryReady: boolean;
  /** Why it does not, and what is done about it; undefined: nothing is known. */
  readonly primaryWaits: string | undefined;
  /** Replicas that do not follow, each with the reason. */
  readonly lame: readonly { readonly member: string; readonly why: string }[];
  /** Data is still being brought from a backup: nobody is to be served. */
  readonly recovering: boolean;
  /** It has served at least once. */
  readonly initialized: boolean;
  readonly hibernates: boolean;
  /** A server runs with a template that is no longer wanted. */
  readonly outdated: boolean;
  readonly setLags: boolean;
  readonly pending: readonly string[];
  readonly diagnosis: readonly Diagnosis[];
  readonly problem: Problem | undefined;
  readonly deleting: boolean;
}
