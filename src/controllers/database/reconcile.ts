/** One pass over one Database: gather, decide, act; and a status that says what failed. */
import type { Facts } from '../../admission/facts.ts';
import { completeDatabase } from '../../admission/defaults.ts';
import * as resources from '../../api/resources.ts';
import type { Database } from '../../api/types.generated.ts';
import { ApiError, isConflict } from '../../kubernetes/errors.ts';
import { databaseStatus } from '../../status/database.ts';
import type { Clock } from '../../values/clock.ts';
import type { Outcome } from '../loop.ts';
import { act, StepFailed } from './act.ts';
import type { ActDeps } from './act.ts';
import { decide, statusInput } from './decide.ts';
import { gather } from './gather.ts';
import { writeStatus } from './status.ts';
import type { GatherDeps } from './gather.ts';
import type { DecideContext, Observation } from './observation.ts';

export interface ReconcileDeps
  extends
    ActDeps,
    Omit<GatherDeps, 'monitor'>,
    Pick<DecideContext, 'randomBytes' | 'operatorNamespace' | 'clusterDomain' | 'agentImage'> {
  readonly facts: Facts;
  readonly clock: Clock;
}

/** `key` is namespace/name. */
export async function reconcileDatabase(key: string, deps: ReconcileDeps, signal: AbortSignal): Promise<Outcome> {
  const slash = key.indexOf('/');
  const stored = deps.caches.store(resources.Database)?.get(key.slice(0, slash), key.slice(slash + 1));
  if (stored === undefined) {
    deps.patience.since(key, [], deps.clock.now());
    return {};
  }
  const observation = await gather(stored as Database, deps, signal);
  signal.throwIfAborted();
  const context: DecideContext = {
    ...deps,
    now: new Date(deps.clock.now()),
    isApplied: ({ ref, object }, live) => deps.applier.upToDate(ref.resource, object, live, { force: true }),
  };
  const decision = decide(observation, context);
  deps.monitor.hurry(key, decision.unsettled === true);
  try {
    await act(decision, observation, deps, signal);
  } catch (error) {
    const cause = error instanceof StepFailed ? error.cause : error;
    if (isConflict(cause)) throw cause;
    if (error instanceof StepFailed && isLasting(cause)) await tell(error, observation, context, deps);
    throw isWaiting(cause) ? cause : error;
  }
  return decision.requeueAfterSeconds === undefined ? {} : { requeueAfterSeconds: decision.requeueAfterSeconds };
}

/** The server said no, and will say so again until somebody does something. */
const isLasting = (cause: unknown): boolean => cause instanceof ApiError && [400, 403, 422].includes(cause.code);
const isWaiting = (cause: unknown): boolean => cause instanceof ApiError && cause.retryAfterSeconds !== undefined;

async function tell(
  failure: StepFailed,
  observation: Observation,
  context: DecideContext,
  deps: ReconcileDeps,
): Promise<void> {
  const { stored } = observation;
  const database = completeDatabase(stored);
  const engine = context.engineByName(database.spec.engine ?? '');
  const problem = { reason: 'ActionFailed', message: `${failure.message}. It is tried again.` };
  const frame = { database, engine, observation, context };
  const status = databaseStatus(statusInput(frame, { problem, acted: false }));
  await writeStatus(stored, status, deps.client);
}
