/** The webhook's server with a handler of the test's own, over real TLS on a free port. */
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { systemClock } from '../../src/composition/clock.ts';
import { silentLogger, type Logger } from '../../src/observe/logger.ts';
import { createMetrics, type Metrics } from '../../src/observe/metrics.ts';
import type { AdmissionHandler } from '../../src/server/admission-handler.ts';
import type { Pair } from '../../src/server/certificate.ts';
import { createHolder, type CertificateHolder } from '../../src/server/certificates.ts';
import { createDrain, type Drain } from '../../src/server/drain.ts';
import { createHttpsServer, listen, type Limits, type TlsVersion } from '../../src/server/https.ts';
import { createRoutes } from '../../src/server/routes.ts';
import type { Clock } from '../../src/values/clock.ts';

/** Echoes the uid. */
export const allowAll: AdmissionHandler = ({ body }) => {
  const { request } = JSON.parse(body.toString()) as { request: { uid: string } };
  return {
    status: 200,
    body: JSON.stringify({
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      response: { uid: request.uid, allowed: true },
    }),
  };
};

export interface TestServer {
  readonly port: number;
  readonly source: CertificateHolder;
  readonly drain: Drain;
  readonly metrics: Metrics;
  close(): Promise<void>;
}

export interface TestServerOptions {
  readonly pair?: Pair;
  readonly handle?: AdmissionHandler;
  readonly minVersion?: TlsVersion;
  readonly limits?: Partial<Limits>;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

export async function startTestServer(options: TestServerOptions): Promise<TestServer> {
  const { pair, handle = allowAll, minVersion = 'TLSv1.3', clock = systemClock, logger = silentLogger } = options;
  const source = createHolder(clock);
  if (pair !== undefined) source.offer(pair);
  const drain = createDrain({ clock: systemClock, quiet: 0, longest: 1000 });
  const metrics = createMetrics({ version: 'test' });
  const handler = createRoutes({ handle, drain, clock: systemClock, logger, metrics: metrics.webhook });
  const server = createHttpsServer({ source, minVersion, handler, ...(options.limits && { limits: options.limits }) });
  const listener = await listen(server, { host: '127.0.0.1', port: 0, flag: '--port' });
  return {
    port: listener.port,
    source,
    drain,
    metrics,
    close: async () => {
      await source.stop();
      server.closeAllConnections();
      await listener.close();
    },
  };
}

/** Resolves after the handshake. */
export function dial(port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options }, () => resolve(socket));
    socket.once('error', reject);
  });
}

/** What comes until the peer closes. */
export function readAll(socket: TLSSocket): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(text));
  });
}

/** An HTTP/1.1 request as text. */
export function rawPost(path: string, body: string, headers: Readonly<Record<string, string>> = {}): string {
  const all = {
    host: 'localhost',
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return `POST ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body}`;
}

export const reviewOf = (uid: string): string =>
  JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request: { uid } });
