/** What one pass over a DatabaseBackup knows, and what it decides to do. */
import type { Facts } from '../../admission/facts.ts';
import type { KubernetesObject } from '../../api/object.ts';
import type { Database, DatabaseBackup, DatabaseBackupStatus } from '../../api/types.generated.ts';
import type { Engine } from '../../engines/engine.ts';
import type { Entry } from '../../planning/observed.ts';
import type { ApplyStep, Step } from '../../planning/step.ts';
import type { EventIntent } from '../database/observation.ts';

export interface BackupObservation {
  /** As the API server has it. */
  readonly stored: DatabaseBackup;
  /** Undefined: it does not exist. */
  readonly database: Database | undefined;
  /** CronJobs and the claim that carry our labels, and whatever else has their names. */
  readonly children: readonly Entry[];
  readonly jobs: readonly KubernetesObject[];
  readonly pods: readonly KubernetesObject[];
  /** True only when it was read: the namespace of the Database is being deleted. */
  readonly namespaceEnding: boolean;
}

export interface BackupContext {
  readonly now: Date;
  readonly facts: Facts;
  readonly engineByName: (name: string) => Engine | undefined;
  /** True when the server has taken this very apply and the object has not changed since: it would write nothing. */
  readonly isApplied: (step: ApplyStep, live: KubernetesObject | undefined) => boolean;
  readonly agentImage?: string;
  readonly clusterDomain?: string;
}

export interface BackupDecision {
  readonly finalizer?: 'add' | 'remove';
  readonly steps: readonly Step[];
  /** Undefined: not written in this pass. */
  readonly status?: DatabaseBackupStatus;
  readonly events: readonly EventIntent[];
  readonly requeueAfterSeconds?: number;
}
