/** One process of the operator in the simulation: the real caches, queue, loop and applier over the simulated API server. */
import { createEventRecorder } from '../../src/kubernetes/events.ts';
import { isConflict } from '../../src/kubernetes/errors.ts';
import { withRetries } from '../../src/kubernetes/retry.ts';
import { startCaches } from '../../src/controllers/caches.ts';
import { startControllers } from '../../src/controllers/index.ts';
import type { Engine } from '../../src/engines/engine.ts';
import { engineByName } from '../../src/engines/index.ts';
import { makeApiClient } from './api-server.ts';
import { makeDriver } from './driver.ts';
import type { Servers } from './servers.ts';
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
  readonly servers: Servers;
  /** Members can be made read-only while they run. */
  readonly demotes: boolean;
}

export function startOperator({
  world,
  scheduler,
  network,
  incarnation,
  onLog,
  servers,
  demotes,
}: OperatorOptions): OperatorProcess {
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
    onError: (error, lost) =>
      lost === undefined ? log('event', error) : onLog(`event ${lost.reason} was not recorded`),
  });
  const topology = makeDriver({
    servers,
    clock,
    world: scheduler.clock,
    random: scheduler.fork(`driver-${String(incarnation)}`),
    demotes,
    slowness: () => network.slowness(),
  });
  // One engine is run, over simulated servers; what is not run is needed to see how that is told.
  const simulated = (name: string): Engine | undefined => {
    const engine = engineByName(name);
    if (engine?.runtime === undefined) return engine;
    if (name === 'postgresql') return { ...engine, runtime: { ...engine.runtime, topology } };
    return Object.fromEntries(Object.entries(engine).filter(([key]) => key !== 'runtime')) as unknown as Engine;
  };
  const caches = startCaches({ client, clock, random, namespaces: [] });
  startControllers({
    client,
    caches,
    events,
    clock,
    random,
    agentImage: 'agent',
    randomBytes: (count) => Uint8Array.from({ length: count }, () => Math.floor(random() * 256)),
    giveWay: () => Promise.resolve(),
    workers: 2,
    engineByName: simulated,
    onError: (controller, key, error) => log(`${controller} ${key}`, error),
  });
  return { kill };
}
