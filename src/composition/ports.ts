/** The two ports as parts of the life cycle. */
import { createServer } from 'node:http';
import type { Facts } from '../admission/facts.ts';
import type { Part } from '../lifecycle.ts';
import { createAccessReviews } from '../server/access-reviews.ts';
import type { CertificateSource } from '../server/certificates.ts';
import { createHttpsServer, listen } from '../server/https.ts';
import { createOperations } from '../server/operations.ts';
import { createReviewHandler } from '../server/review-handler.ts';
import { createRoutes } from '../server/routes.ts';
import { selfCheck } from '../server/self-check.ts';
import type { Kit } from './kit.ts';

/** The numbers that were really taken (a port of 0 takes any). */
export interface Ports {
  webhook: number | undefined;
  operations: number | undefined;
}

export function operationsPart({ config, metrics, drain }: Kit, source: CertificateSource, ports: Ports): Part {
  const dialled = config.bindAddress === '' || config.bindAddress === '::' || config.bindAddress === '0.0.0.0';
  const handler = createOperations({
    metrics,
    readiness: {
      draining: () => (drain.draining ? 'this process is going away' : undefined),
      certificate: () =>
        selfCheck({ source, port: () => ports.webhook, host: dialled ? 'localhost' : config.bindAddress }),
    },
  });
  return {
    name: 'operations port',
    start: async () => {
      const server = config.opsTls
        ? createHttpsServer({
            source,
            pick: (from) => from.latest(),
            minVersion: config.tlsMinVersion,
            limits: { maxConnections: 100 },
            handler,
          })
        : createServer(handler);
      const listener = await listen(server, { host: config.bindAddress, port: config.opsPort, flag: '--ops-port' });
      ports.operations = listener.port;
      return () => listener.close();
    },
  };
}

export function webhookPart(kit: Kit, source: CertificateSource, ports: Ports, facts: Facts): Part {
  const { config, clock, logger, metrics, drain, cluster } = kit;
  const unasked = (error: unknown): void => logger.warn({ error }, 'the API server was not asked who may grant');
  const handle = createReviewHandler({
    clock,
    facts,
    ...(cluster && {
      client: cluster.once,
      access: createAccessReviews({ client: cluster.once, clock, onError: unasked }),
    }),
    onPanic: (rule, error) => {
      metrics.webhook.panic();
      logger.error({ rule, error }, 'a rule ended in a bug');
    },
  });
  const handler = createRoutes({ handle, drain, clock, logger, metrics: metrics.webhook });
  return {
    name: 'webhook port',
    start: async () => {
      const server = createHttpsServer({ source, minVersion: config.tlsMinVersion, handler });
      const listener = await listen(server, { host: config.bindAddress, port: config.port, flag: '--port' });
      ports.webhook = listener.port;
      return async () => {
        await drain.begin();
        await listener.close();
      };
    },
  };
}
