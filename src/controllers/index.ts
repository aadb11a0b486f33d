/**
 * The reconcile loop put together: which change wakes which Database, and the workers. Caches are started apart from it
 * (caches.ts): they run on every replica, this runs on the leader.
 */
import { consentLabel } from '../admission/rules/checks/reference.ts';
import * as resources from '../api/resources.ts';
import type { KubernetesObject, Resource } from '../api/object.ts';
import { engineByName as knownEngine } from '../engines/index.ts';
import type { Engine } from '../engines/engine.ts';
import { createApplier } from '../kubernetes/applier.ts';
import type { KubernetesClient } from '../kubernetes/client.ts';
import type { EventRecorder } from '../kubernetes/events.ts';
import type { Change } from '../kubernetes/store.ts';
import type { TopologyMetrics } from '../observe/topology-metrics.ts';
import type { ControllerMetrics } from '../observe/controller-metrics.ts';
import type { Clock, Random } from '../values/clock.ts';
import type { RandomBytes } from '../desired/secret.ts';
import { instanceKey, ownerOf, secretNamespacesOf, type Caches } from './caches.ts';
import { reconcileBackup } from './databasebackup/reconcile.ts';
import { reconcileDatabase, type ReconcileDeps } from './database/reconcile.ts';
import { createPatience } from './database/stuck.ts';
import { factsOf } from './facts.ts';
import { startLoop } from './loop.ts';
import type { Loop, Outcome } from './loop.ts';
import { createCertificateEnds } from './monitor/certificate.ts';
import { reconcileMonitor, type MonitorDeps } from './monitor/reconcile.ts';
import { reconcileUnsupported } from './unsupported.ts';
import { startMonitor } from './members/monitor.ts';
import { startVolumes } from './members/volumes.ts';
import { reconcileTenants } from './tenants/reconcile.ts';
import { createLooks } from './user/looks.ts';
import type { UserDeps } from './user/deps.ts';
import { reconcileUser } from './user/reconcile.ts';
import { HIGH_PRIORITY, LOW_PRIORITY, makeQueue, NORMAL_PRIORITY } from './queue.ts';
import type { AddOptions, Queue } from './queue.ts';

export { startCaches } from './caches.ts';
export type { Caches, CachesOptions } from './caches.ts';
export { factsOf } from './facts.ts';

export interface ControllersOptions {
  /** Fenced: it refuses writes once leadership is lost. */
  readonly client: KubernetesClient;
  readonly caches: Caches;
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly random: Random;
  /** CSPRNG. */
  readonly randomBytes: RandomBytes;
  /** Lets other work of the process run; default `setImmediate`. */
  readonly giveWay?: () => Promise<void>;
  /** Objects of one kind worked on at a time; 4. */
  readonly workers?: number;
  readonly operatorNamespace?: string;
  readonly clusterDomain?: string;
  /** Absent: no backups are made, and the conditions say so. */
  readonly agentImage?: string;
  /** Default: the engines of this release. */
  readonly engineByName?: (name: string) => Engine | undefined;
  /** False once the leadership is lost. Default: always true. */
  readonly mayAct?: () => boolean;
  readonly topologyMetrics?: TopologyMetrics;
  readonly onOrder?: (key: string, order: string, error?: unknown) => void;
  readonly metrics?: ControllerMetrics;
  readonly onError?: (controller: string, key: string, error: unknown) => void;
}

export interface Controllers {
  /** Resolves once caches are complete and the workers have begun. */
  readonly started: Promise<void>;
  /** No new passes; resolves when those under way have ended. */
  stop(): Promise<void>;
}

/** Name of a kind's controller, for metrics: as controller-runtime names them. */
const controllerOf = ({ kind }: Pick<Resource, 'kind'>): string => kind.toLowerCase();

export const controllerNames: readonly string[] = resources.ownKinds.map(controllerOf);

/** A pass may wait for several answers of a slow API server. */
const PASS_TIMEOUT_MS = 120_000;
/** Everything is looked at again this often without a cause; it reads no more than caches. */
const RESYNC_MS = 10 * 3_600_000;

type KindDeps = ReconcileDeps & MonitorDeps & UserDeps;
type Reconcile = (key: string, deps: KindDeps, signal: AbortSignal) => Promise<Outcome>;

/** Who makes a kind true: one row and one folder each. */
const reconcilers: Readonly<Partial<Record<string, Reconcile>>> = {
  Database: reconcileDatabase,
  DatabaseBackup: reconcileBackup,
  DatabaseMonitor: reconcileMonitor,
  DatabaseUser: reconcileUser,
  MultiTenantDatabase: reconcileTenants,
};

export function startControllers(options: ControllersOptions): Controllers {
  const { client, caches, clock } = options;
  const facts = factsOf(caches, { clock, longestAge: Infinity });
  const applier = createApplier({ client, clock });
  const engineByName = options.engineByName ?? knownEngine;
  const monitor = startMonitor({
    caches,
    clock,
    engineByName,
    wake: (key) => enqueue({ controller: 'database', key }, { priority: HIGH_PRIORITY }),
  });
  const volumes = startVolumes({
    caches,
    clock,
    engineByName,
    wake: (key) => enqueue({ controller: 'database', key }),
  });
  const deps = {
    ...options,
    facts,
    applier,
    engineByName,
    monitor,
    volumes,
    patience: createPatience(),
    certificateEnds: createCertificateEnds({ client, clock }),
    userLooks: createLooks(),
  };
  const queues = new Map(controllerNames.map((name) => [name, queueOf(name, options)]));
  const enqueue = ({ controller, key }: WakeUp, add?: AddOptions): void => queues.get(controller)?.add(key, add);
  const loops: Loop[] = [];
  let stopped = false;

  const referring = ({ metadata: { namespace, name } }: KubernetesObject): readonly KubernetesObject[] =>
    resources.ownKinds.flatMap((kind) => caches.store(kind)?.byIndex(instanceKey(namespace, name)) ?? []);
  caches.onChange((resource, change) => {
    if (stopped) return;
    for (const wake of [...wakeUps(resource, change, referring), ...consentChanges(resource, change, caches)]) {
      enqueue(wake, { priority: priorityOf(change) });
      if (wake.controller === 'database' && loops.length > 0) monitor.consider(wake.key);
    }
  });
  caches.onAbsenceChange(() => wakeAll());
  const wakeAll = (): void => {
    for (const resource of resources.ownKinds) {
      for (const { metadata } of caches.store(resource)?.each() ?? []) {
        const key = instanceKey(metadata.namespace, metadata.name);
        enqueue({ controller: controllerOf(resource), key }, { priority: LOW_PRIORITY });
      }
    }
  };
  // The caches may be complete already: a follower that becomes the leader begins with what it knows.
  wakeAll();
  let cancelResync = (): void => undefined;
  const resync = (): void => {
    cancelResync = clock.after(RESYNC_MS * (0.9 + options.random() * 0.2), () => {
      wakeAll();
      resync();
    });
  };

  const started = caches.synced.then(() => {
    if (stopped) return;
    resync();
    for (const { metadata } of caches.store(resources.Database)?.each() ?? [])
      monitor.consider(`${metadata.namespace ?? ''}/${metadata.name}`);
    for (const resource of resources.ownKinds) {
      const queue = queues.get(controllerOf(resource));
      const reconcile = reconcilers[resource.kind] ?? reconcileUnsupported(resource);
      if (queue === undefined) continue;
      loops.push(loopOf(controllerOf(resource), queue, (key, signal) => reconcile(key, deps, signal), options));
    }
  });
  return {
    started,
    async stop() {
      stopped = true;
      cancelResync();
      monitor.stop();
      volumes.stop();
      for (const queue of queues.values()) queue.shutDown();
      await Promise.all(loops.map((loop) => loop.stop()));
      await options.events.flush();
    },
  };
}

const priorityOf = ({ initial }: Change): number => (initial ? LOW_PRIORITY : NORMAL_PRIORITY);

interface WakeUp {
  readonly controller: string;
  /** namespace/name. */
  readonly key: string;
}

/** Objects of ours that refer to a Database. */
type Referring = (database: KubernetesObject) => readonly KubernetesObject[];

/** Which objects a change concerns: itself, or its owner by its labels; and those that refer to a Database. */
export function wakeUps(
  resource: Resource,
  { before, after }: Change,
  referring: Referring = () => [],
): readonly WakeUp[] {
  const isOwn = resources.ownKinds.some(({ kind }) => kind === resource.kind);
  const concerned = (object: KubernetesObject | undefined): WakeUp[] => {
    if (object === undefined) return [];
    if (isOwn) return [wakeUp(object)];
    const owner = ownerOf(object.metadata);
    return owner === undefined ? [] : [wakeUp({ kind: owner.kind, metadata: owner })];
  };
  const database = resource.kind === 'Database' ? (after ?? before) : undefined;
  const all = [...concerned(before), ...concerned(after), ...(database ? referring(database).map(wakeUp) : [])];
  return [...new Map(all.map((one) => [`${one.controller} ${one.key}`, one])).values()];
}

/** Objects with Secrets in a namespace whose labels, and with them its consent, may have changed. */
function consentChanges(resource: Resource, { before, after, initial }: Change, caches: Caches): readonly WakeUp[] {
  if (resource.kind !== 'Namespace' || initial) return [];
  const [old, now] = [before, after].map((one) => one?.metadata.labels?.[consentLabel]);
  if (old === now) return [];
  const name = (after ?? before)?.metadata.name ?? '';
  return [resources.DatabaseUser, resources.MultiTenantDatabase].flatMap((kind) =>
    (caches.store(kind)?.list() ?? []).filter((object) => secretNamespacesOf(object).includes(name)).map(wakeUp),
  );
}

const wakeUp = ({ kind, metadata }: Pick<KubernetesObject, 'kind'> & { metadata: Named }): WakeUp => ({
  controller: controllerOf({ kind }),
  key: instanceKey(metadata.namespace, metadata.name),
});

interface Named {
  readonly namespace?: string | undefined;
  readonly name: string;
}

function queueOf(name: string, { clock, metrics }: ControllersOptions): Queue {
  return makeQueue({
    clock,
    observer: {
      onAdd: () => metrics?.queue.added(name),
      onRetry: () => metrics?.queue.retried(name),
      onHandOut: (waitedMs) => metrics?.queue.waited(name, waitedMs / 1000),
    },
  });
}

const immediate = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function loopOf(
  name: string,
  queue: Queue,
  reconcile: (key: string, signal: AbortSignal) => Promise<Outcome>,
  { clock, metrics, onError, workers = 4, giveWay = immediate }: ControllersOptions,
): Loop {
  return startLoop({
    queue,
    clock,
    reconcile,
    workers,
    timeoutMs: PASS_TIMEOUT_MS,
    giveWay,
    observer: {
      onPass: (result, seconds) => {
        metrics?.reconciled(name, result, seconds);
        metrics?.queue.worked(name, seconds);
        metrics?.queue.depth(name, queue.length);
      },
      onError: (key, error) => onError?.(name, key, error),
      onTimeout: () => metrics?.timeout(name),
      onBusy: (busy, most) => metrics?.workers(name, busy, most),
    },
  });
}
