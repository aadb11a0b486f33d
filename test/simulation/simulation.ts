/** One run: world, cluster, network, operator, a person, and the clock that drives them. */
import type { KubernetesObject, Resource } from '../../src/api/object.ts';
import * as resources from '../../src/api/resources.ts';
import type { Database } from '../../src/api/types.generated.ts';
import { startCluster } from './cluster.ts';
import type { Cluster } from './cluster.ts';
import { calm, makeNetwork, makeWeather } from './faults.ts';
import type { FaultyNetwork } from './faults.ts';
import { watchInvariants } from './invariants.ts';
import type { Invariants } from './invariants.ts';
import { startOperator } from './operator.ts';
import type { OperatorProcess } from './operator.ts';
import { makeScheduler } from './scheduler.ts';
import type { Servers } from './servers.ts';
import type { Scheduler } from './scheduler.ts';
import { layOver } from './patches.ts';
import { makeWorld } from './world.ts';
import type { Target, World } from './world-types.ts';

export const NAMESPACE = 'shop';
const PERSON = 'person';

export interface Simulation {
  readonly world: World;
  readonly cluster: Cluster;
  readonly servers: Servers;
  readonly scheduler: Scheduler;
  readonly network: FaultyNetwork;
  readonly invariants: Invariants;
  readonly logs: string[];
  readonly crashes: number;
  /** False between a crash and the next start. */
  readonly alive: boolean;
  /** Lets so many milliseconds pass. */
  pass(milliseconds: number): Promise<void>;
  /** A moment of a length that the seed decides, up to so many seconds. */
  moment(seconds?: number): Promise<void>;
  until(what: string, condition: () => boolean, seconds?: number): Promise<void>;
  /** No more faults. */
  calm(): void;
  /** Kills the operator and starts it again. */
  restart(): void;
  create(resource: Resource, object: Readonly<Record<string, unknown>> & { name: string }): KubernetesObject;
  createDatabase(name: string, spec?: Readonly<Record<string, unknown>>): KubernetesObject;
  find(resource: Resource, name: string): KubernetesObject | undefined;
  database(name: string): Database | undefined;
  /** Lays a change over an object, as a person with kubectl. */
  edit(resource: Resource, name: string, change: Readonly<Record<string, unknown>>): void;
  remove(resource: Resource, name: string): void;
}

export function makeSimulation(seed: number, options: { readonly faults: boolean } = { faults: true }): Simulation {
  const scheduler = makeScheduler(seed);
  const world = makeWorld(scheduler.clock);
  const cluster = startCluster(world, scheduler);
  const logs: string[] = [];
  let operator: OperatorProcess | undefined;
  let incarnation = 0;
  let crashes = 0;
  let alive = false;

  const boot = (): void => {
    alive = true;
    operator = startOperator({
      world,
      scheduler,
      network,
      servers: cluster.servers,
      demotes: seed % 2 === 0,
      incarnation: incarnation++,
      onLog: (line) => logs.push(line),
    });
  };
  const crash = (): void => {
    if (!alive) return;
    operator?.kill();
    alive = false;
    crashes++;
    scheduler.clock.after(500 + scheduler.random() * 20_000, boot);
  };
  const network = makeNetwork(scheduler, options.faults ? makeWeather(scheduler) : calm, () => world.version, crash);
  const invariants = watchInvariants(world, cluster);
  world.create(resources.Namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } }, PERSON);
  for (const kind of ['ServiceMonitor', 'PrometheusRule']) network.absent.add(kind);
  boot();

  const target = (resource: Resource, name: string): Target =>
    resource.namespaced ? { resource, namespace: NAMESPACE, name } : { resource, name };
  const simulation: Simulation = {
    world,
    cluster,
    servers: cluster.servers,
    scheduler,
    network,
    invariants,
    logs,
    get alive() {
      return alive;
    },
    get crashes() {
      return crashes;
    },
    async pass(milliseconds) {
      await scheduler.run(milliseconds);
    },
    moment: (seconds = 30) => simulation.pass(scheduler.random() ** 2 * seconds * 1000),
    async until(what, condition, seconds = 3600) {
      if (await scheduler.run(seconds * 1000, condition)) return;
      throw new Error(`not within ${String(seconds)} s: ${what}`);
    },
    calm: () => network.setWeather(calm),
    restart() {
      operator?.kill();
      if (alive) boot();
    },
    create(resource, { name, ...body }) {
      const metadata = { name, ...(resource.namespaced && { namespace: NAMESPACE }) };
      const object = { apiVersion: resources.apiVersion(resource), kind: resource.kind, metadata, ...body };
      return world.create(resource, object, PERSON);
    },
    createDatabase: (name, spec = {}) =>
      simulation.create(resources.Database, { name, spec: { engine: 'postgresql', version: '17', ...spec } }),
    find: (resource, name) => world.find(target(resource, name)),
    database: (name) => world.find(target(resources.Database, name)) as Database | undefined,
    edit: (resource, name, change) => void world.update(target(resource, name), PERSON, layOver(change)),
    remove(resource, name) {
      if (world.find(target(resource, name)) !== undefined) world.remove(target(resource, name), PERSON);
    },
  };
  return simulation;
}
