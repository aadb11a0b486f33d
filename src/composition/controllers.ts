/** Caches on every replica, controllers on the one that leads. Imported only when there are controllers to run. */
import { randomBytes } from 'node:crypto';
import { startCaches, factsOf, startControllers, type Caches } from '../controllers/index.ts';
import { Database as Databases, DatabaseBackup as Backups } from '../api/resources.ts';
import type { Resource } from '../api/object.ts';
import type { Database, DatabaseBackup } from '../api/types.generated.ts';
import type { Facts } from '../admission/facts.ts';
import { createEventRecorder } from '../kubernetes/events.ts';
import type { EventInput } from '../kubernetes/events.ts';
import { fence, type Leadership } from '../kubernetes/fence.ts';
import { startElection } from '../kubernetes/lease.ts';
import { withRetries } from '../kubernetes/retry.ts';
import type { Part } from '../lifecycle.ts';
import type { Cluster, Kit } from './kit.ts';
import { runWhileLeading, type Stoppable } from './leadership.ts';

/** Facts that are unknown until the caches are there: admission does not wait for them. */
export interface LateFacts {
  readonly facts: Facts;
  readonly fill: (facts: Facts) => void;
}

/** The caches, then the loop over them; with several replicas, on the elected one. */
export function controllerParts(kit: Kit & { readonly cluster: Cluster }, late: LateFacts): readonly Part[] {
  const { config, clock, logger, cluster } = kit;
  const random = Math.random;
  let caches: Caches | undefined;
  const log = logger.child({ component: 'controllers' });
  return [
    {
      name: 'caches',
      start: () => {
        const started = startCaches({
          client: cluster.client,
          clock,
          random,
          namespaces: config.watchNamespaces,
          onError: ({ plural }, error, wait) =>
            log.warn({ resource: plural, error, wait }, 'a watch failed: trying again'),
          onAbsent: ({ plural }, absent) =>
            log.info(
              { resource: plural, absent },
              absent ? 'the resource is not installed' : 'the resource is there now',
            ),
        });
        caches = started;
        late.fill(factsOf(started, { clock }));
        const listed = (resource: Resource) => started.store(resource)?.list() ?? [];
        if (config.databaseMetrics) {
          kit.metrics.showDatabases(() => ({
            databases: listed(Databases) as readonly Database[],
            backups: listed(Backups) as readonly DatabaseBackup[],
          }));
        }
        const begun = clock.now();
        void started.synced.then(() => log.info({ ms: clock.now() - begun }, 'caches are complete'));
        return Promise.resolve(() => started.stop());
      },
    },
    {
      name: 'controllers',
      start: () => {
        const running = lead(kit, (leadership) => runControllers(kit, caches, leadership));
        return Promise.resolve(() => running.stop());
      },
    },
  ];
}

function runControllers(
  kit: Kit & { cluster: Cluster },
  caches: Caches | undefined,
  leadership: Leadership,
): Stoppable {
  const { config, clock, logger, metrics, cluster } = kit;
  if (caches === undefined) throw new Error('controllers start after the caches');
  const random = Math.random;
  const log = logger.child({ component: 'controllers' });
  const fenced = fence(cluster.once, leadership);
  return startControllers({
    client: withRetries(fenced, { clock, random }),
    caches,
    clock,
    random,
    randomBytes,
    workers: config.concurrency,
    operatorNamespace: cluster.namespace,
    ...(config.agentImage !== undefined && { agentImage: config.agentImage }),
    metrics: metrics.controller,
    topologyMetrics: metrics.topology,
    mayAct: () => leadership.isLeader(),
    onOrder: (key, order, error) =>
      error === undefined
        ? log.info({ object: key, order }, 'a member was told')
        : log.warn({ object: key, order, error }, 'a member was told and did not obey'),
    onError: (controller, key, error) => log.error({ controller, object: key, error }, 'a pass failed: trying again'),
    events: createEventRecorder({
      client: fenced,
      clock,
      random,
      reportingController: 'example.com/database-operator',
      reportingInstance: kit.identity,
      onError: (error, lost) =>
        lost === undefined
          ? log.debug({ error }, 'the count of an Event was not written')
          : log.warn({ error, ...tellable(lost) }, 'an Event was not recorded'),
    }),
  });
}

const tellable = ({ regarding: { kind, metadata }, reason, note }: EventInput) => ({
  object: `${kind} ${metadata.namespace ?? ''}/${metadata.name}`,
  reason,
  note,
});

/** Without election this process is taken to be the only one. */
function lead(kit: Kit & { readonly cluster: Cluster }, run: (leadership: Leadership) => Stoppable): Stoppable {
  const { config, clock, logger, metrics, cluster } = kit;
  const { leaderElectionName: name } = config;
  const tell = (leading: boolean): void => metrics.leader(name, leading);
  tell(!config.leaderElect);
  if (!config.leaderElect) return run({ isLeader: () => true });
  const place = config.podUid === undefined ? undefined : `${kit.identity}_${config.podUid}_`;
  return runWhileLeading({
    clock,
    logger: logger.child({ component: 'election', lease: `${cluster.namespace}/${name}` }),
    run,
    onFatal: kit.onFatal,
    elect: ({ onStarted, onStopped }) =>
      startElection({
        client: cluster.once,
        clock,
        random: Math.random,
        namespace: cluster.namespace,
        name,
        identity: `${place ?? `${kit.identity}_`}${randomBytes(6).toString('hex')}`,
        ...(place !== undefined && { place }),
        onStarted: () => {
          tell(true);
          onStarted();
        },
        onStopped: () => {
          tell(false);
          onStopped();
        },
        onError: (error) => logger.warn({ component: 'election', error }, 'the Lease could not be renewed'),
      }),
  });
}
