/** One process of the operator in the simulation: the real caches, queue, loop and applier over the simulated API server. */
import { createEventRecorder } from '../../src/kubernetes/events.ts';
import { isConflict } from '../../src/kubernetes/errors.ts';
import { withRetries } from '../../src/kubernetes/retry.ts';
import { startCaches } from '../../src/controllers/caches.ts';
import { startControllers } from '../../src/controllers/index.ts';
import { makeApiClient } from './api-server.ts';
import type { Network } from './network.ts';
import type { Scheduler } from './scheduler.ts';
import type { World } from './world-types.ts';

export const OPERATOR = 'database-operator';

export interface OperatorProcess {
  /** Ends it as SIGKILL does: nothing of it ever runs again. */
  kill(): void;
}

export interface OperatorOptions {
  readonly world: World;
  readonly scheduler: Scheduler;
  readonly network: Network;
  /** Number of the process: another one draws other passwords. */
  readonly incarnation: number;
  readonly onLog: (line: string) => void;
}

export function startOperator({ world, scheduler, network, incarnation, onLog }: OperatorOptions): OperatorProcess {
  const { clock, kill } = scheduler.mortal();
  const random = scheduler.fork(`operator-${String(incarnation)}`);
  const client = withRetries(makeApiClient(world, clock, network, OPERATOR), { clock, random });
  const log = (what: string, error: unknown): void => {
    if (!isConflict(error))
      onLog(`${what}: ${error instanceof Error ? `${error.message} ${String(error.stack)}` : String(error)}`);
  };
  const events = createEventRecorder({
    client,
    clock,
    random,
    reportingController: 'example.com/database-operator',
    reportingInstance: `operator-${String(incarnation)}`,
    onError: (error) => log('event', error),
  });
  const caches = startCaches({ client, clock, random, namespaces: [] });
  startControllers({
    client,
    caches,
    events,
    clock,
    random,
    randomBytes: (count) => Uint8Array.from({ length: count }, () => Math.floor(random() * 256)),
    giveWay: () => Promise.resolve(),
    workers: 2,
    onError: (controller, key, error) => log(`${controller} ${key}`, error),
  });
  return { kill };
}
