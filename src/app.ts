/**
 * Puts the process together out of plain functions and values: what is made here is passed down, nothing is found by
 * itself.
 */
import { hostname } from 'node:os';
import { decidedResources } from './admission/decide.ts';
import { noFacts } from './admission/facts.ts';
import { rules } from './admission/rules/index.ts';
import { startCertificates } from './composition/certificates.ts';
import { systemClock } from './composition/clock.ts';
import { findCluster } from './composition/cluster.ts';
import { giveBackWhenIdle, makeCollect } from './composition/memory.ts';
import type { LateFacts } from './composition/controllers.ts';
import type { Kit, Surroundings } from './composition/kit.ts';
import { operationsPart, webhookPart, type Ports } from './composition/ports.ts';
import { printable, type Config } from './config.ts';
import { createLifecycle, type Part } from './lifecycle.ts';
import { createLogger } from './observe/logger.ts';
import { createMetrics } from './observe/metrics.ts';
import { createDrain } from './server/drain.ts';
import { routes } from './server/routes.ts';

export interface App {
  readonly port: number;
  readonly opsPort: number;
  /** Resolves, to the reason, when the process must end by itself; pending otherwise. */
  readonly failed: Promise<Error>;
  /** Drains, then stops everything. `hurried`: without the quiet period. */
  stop(options?: { readonly hurried: boolean }): Promise<void>;
}

/** Beyond the drain: what closing connections and ending a pass may take, milliseconds. */
const stopTimeout = 10_000;

/** Resolves when the webhook is open; rejects with what to change when a part can't start. */
export async function startApp(config: Config, surroundings: Surroundings): Promise<App> {
  const failed = Promise.withResolvers<Error>();
  const kit = await makeKit(config, surroundings, failed.resolve);
  const { clock, logger, drain } = kit;
  const ports: Ports = { webhook: undefined, operations: undefined };
  const source = await startCertificates(kit);
  const late = lateFacts();
  const parts: readonly Part[] = [
    { name: 'certificates', start: () => Promise.resolve(() => source.stop()) },
    operationsPart(kit, source, ports),
    webhookPart(kit, source, ports, late.facts),
    ...(await loopParts(kit, late)),
    memoryPart(kit),
  ];
  const lifecycle = createLifecycle(parts, { clock, logger, stopTimeout: config.drainTimeout + stopTimeout });
  await lifecycle.start();
  logger.info({ port: ports.webhook, opsPort: ports.operations }, 'serving');
  return {
    port: ports.webhook ?? 0,
    opsPort: ports.operations ?? 0,
    failed: failed.promise,
    stop: async (how) => {
      logger.info({ quiet: how?.hurried === true ? 0 : config.drainQuiet }, 'draining');
      void drain.begin(how);
      await lifecycle.stop();
      logger.info({}, 'stopped');
    },
  };
}

async function makeKit(config: Config, surroundings: Surroundings, onFatal: (error: Error) => void): Promise<Kit> {
  const { version, clock = systemClock } = surroundings;
  const identity = config.podName ?? hostname();
  const logger = surroundings.logger ?? createLogger({ level: config.logLevel, base: { pod: identity } });
  logger.info({ version, node: process.version, config: printable(config) }, 'starting');
  const metrics = createMetrics({
    version,
    webhookPaths: routes.map((route) => `/${route}`),
    resources: decidedResources,
    ruleIds: rules.map(({ id }) => id),
    controllers: config.controllers ? (await import('./controllers/index.ts')).controllerNames : [],
  });
  const drain = createDrain({ clock, quiet: config.drainQuiet, longest: config.drainTimeout });
  const cluster = await findCluster(config, { clock, metrics, version });
  return { config, surroundings, clock, logger, metrics, drain, cluster, identity, onFatal };
}

function memoryPart({ clock, drain }: Kit): Part {
  return {
    name: 'memory',
    start: () => {
      const end = giveBackWhenIdle({
        clock,
        collect: makeCollect(),
        residentBytes: () => process.memoryUsage.rss(),
        quietSince: () => drain.quietSince,
      });
      return Promise.resolve(() => {
        end();
        return Promise.resolve();
      });
    },
  };
}

async function loopParts(kit: Kit, late: LateFacts): Promise<readonly Part[]> {
  const { config, cluster } = kit;
  if (!config.controllers || cluster === undefined) return [];
  const { controllerParts } = await import('./composition/controllers.ts');
  return controllerParts({ ...kit, cluster }, late);
}

/** Unknown, until there are caches to ask. */
function lateFacts(): LateFacts {
  let facts = noFacts;
  return {
    fill: (known) => void (facts = known),
    facts: {
      storageClasses: () => facts.storageClasses(),
      namespaceLabels: (namespace) => facts.namespaceLabels(namespace),
      secretKeys: (namespace, name) => facts.secretKeys(namespace, name),
      get: (kind, namespace, name) => facts.get(kind, namespace, name),
      list: (kind, namespace) => facts.list(kind, namespace),
    },
  };
}
