/** One pass over one DatabaseBackup: gather, decide, act. */
import type { Facts } from '../../admission/facts.ts';
import * as resources from '../../api/resources.ts';
import type { DatabaseBackup } from '../../api/types.generated.ts';
import type { Engine } from '../../engines/engine.ts';
import type { Applier } from '../../kubernetes/applier.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { ApiError, isConflict } from '../../kubernetes/errors.ts';
import type { EventRecorder } from '../../kubernetes/events.ts';
import type { Clock } from '../../values/clock.ts';
import type { Caches } from '../caches.ts';
import { StepFailed, takeObjectStep } from '../database/act.ts';
import { addFinalizer, removeFinalizer } from '../database/finalizer.ts';
import { writeStatus } from '../database/status.ts';
import type { Outcome } from '../loop.ts';
import { databaseBackupStanding } from '../../status/database-backup.ts';
import { decideBackup } from './decide.ts';
import { gatherBackup } from './gather.ts';
import type { BackupContext, BackupDecision, BackupObservation } from './observation.ts';

export interface BackupDeps {
  /** Fenced. */
  readonly client: KubernetesClient;
  readonly caches: Caches;
  readonly applier: Applier;
  readonly events: EventRecorder;
  readonly facts: Facts;
  readonly clock: Clock;
  readonly engineByName: (name: string) => Engine | undefined;
  readonly agentImage?: string;
  readonly clusterDomain?: string;
}

/** `key` is namespace/name. */
export async function reconcileBackup(key: string, deps: BackupDeps, signal: AbortSignal): Promise<Outcome> {
  const [namespace = '', name = ''] = key.split('/');
  const stored = deps.caches.store(resources.DatabaseBackup)?.get(namespace, name);
  if (stored === undefined) return {};
  const observation = await gatherBackup(stored as DatabaseBackup, deps, signal);
  signal.throwIfAborted();
  const context: BackupContext = {
    ...deps,
    now: new Date(deps.clock.now()),
    isApplied: ({ ref, object }, live) => deps.applier.upToDate(ref.resource, object, live, { force: true }),
  };
  const decision = decideBackup(observation, context);
  try {
    await act(decision, observation, deps, signal);
  } catch (error) {
    const cause = error instanceof StepFailed ? error.cause : error;
    if (isConflict(cause)) throw cause;
    if (error instanceof StepFailed && isLasting(cause)) await tell(error, observation, context, deps);
    throw error;
  }
  return decision.requeueAfterSeconds === undefined ? {} : { requeueAfterSeconds: decision.requeueAfterSeconds };
}

/** The server said no, and will say so again until somebody does something. */
const isLasting = (cause: unknown): boolean => cause instanceof ApiError && [400, 403, 422].includes(cause.code);

async function act(
  decision: BackupDecision,
  { stored, children }: BackupObservation,
  deps: BackupDeps,
  signal: AbortSignal,
): Promise<void> {
  if (decision.finalizer === 'add') await addFinalizer(stored, deps.client);
  for (const step of decision.steps) {
    signal.throwIfAborted();
    await takeObjectStep(step, children, deps);
  }
  if (decision.status !== undefined) await writeStatus(stored, decision.status, deps.client);
  for (const event of decision.events) deps.events.record({ regarding: stored, action: 'Backup', ...event });
  if (decision.finalizer === 'remove') await removeFinalizer(stored, deps.client);
}

async function tell(
  failure: StepFailed,
  observation: BackupObservation,
  { now }: BackupContext,
  { client }: BackupDeps,
): Promise<void> {
  const problem = { reason: 'ActionFailed', message: `${failure.message}. It is tried again.` };
  const { status } = databaseBackupStanding({ ...observation, now, problem });
  await writeStatus(observation.stored, status, client);
}
