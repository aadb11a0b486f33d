/**
 * An HTTPS server fit for an API server's pooled connections. The API server keeps idle connections for 90 s and does
 * not repeat a POST that was cut off, so ours stay open longer than its own; HTTP/2 is never offered (it would not be
 * used, and has its own ways to be attacked). Every limit that Node leaves wide is narrowed.
 */
import { createServer, type Server } from 'node:https';
import type { RequestListener, Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SecureVersion, SecureContextOptions } from 'node:tls';
import type { Certificate, Pair } from './certificate.ts';
import type { CertificateSource } from './certificates.ts';

export type TlsVersion = Extract<SecureVersion, 'TLSv1.2' | 'TLSv1.3'>;

/** Milliseconds, but for the count. */
export interface Limits {
  readonly keepAliveTimeout: number;
  readonly headersTimeout: number;
  readonly requestTimeout: number;
  readonly handshakeTimeout: number;
  /** How often the timeouts above are looked after: a slow client may last this much longer. */
  readonly connectionsCheckingInterval: number;
  readonly maxConnections: number;
}

export const webhookLimits: Limits = {
  keepAliveTimeout: 120_000,
  headersTimeout: 10_000,
  requestTimeout: 10_000,
  handshakeTimeout: 10_000,
  connectionsCheckingInterval: 5_000,
  maxConnections: 1_500,
};

export interface HttpsOptions {
  readonly source: CertificateSource;
  /** Which of the source's pairs: the operations port takes `latest`. */
  readonly pick?: (source: CertificateSource) => Certificate | undefined;
  readonly minVersion: TlsVersion;
  readonly limits?: Partial<Limits>;
  readonly handler: RequestListener;
}

export interface Listener {
  readonly port: number;
  /** No new connections; resolves when the last request is answered and every connection is closed. */
  close(): Promise<void>;
}

// AEAD with forward secrecy only; TLS 1.3 has its own list.
const ciphers12 = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
];
const ciphers = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256', ...ciphers12];

/** setSecureContext forgets whatever it is not told again, so all of it is told each time. */
function contextOf(pair: Pair | undefined, minVersion: TlsVersion): SecureContextOptions {
  return {
    minVersion,
    ciphers: ciphers.join(':'),
    honorCipherOrder: true,
    // Without a pair every handshake fails, which is what is wanted when there is none to show.
    ...(pair && { cert: pair.cert, key: pair.key }),
  };
}

const currentOf = (source: CertificateSource): Certificate | undefined => source.current();

/** The server follows its source: a new pair is used from the next handshake on, open connections go on. */
export function createHttpsServer(options: HttpsOptions): Server {
  const { source, minVersion, handler } = options;
  const pick = options.pick ?? currentOf;
  const context = (): SecureContextOptions => contextOf(pick(source), minVersion);
  const limits = { ...webhookLimits, ...options.limits };
  const server = createServer(
    {
      ...context(),
      ALPNProtocols: ['http/1.1'],
      keepAlive: true,
      keepAliveInitialDelay: 30_000,
      noDelay: true,
      maxHeaderSize: 16_384,
      handshakeTimeout: limits.handshakeTimeout,
      headersTimeout: limits.headersTimeout,
      requestTimeout: limits.requestTimeout,
      keepAliveTimeout: limits.keepAliveTimeout,
      connectionsCheckingInterval: limits.connectionsCheckingInterval,
    },
    handler,
  );
  server.maxConnections = limits.maxConnections;
  source.onChange(() => server.setSecureContext(context()));
  return server;
}

/** An empty host is every address. Rejects with the flag to change when the port can't be had. */
export function listen(
  server: Server | HttpServer,
  at: { readonly host: string; readonly port: number; readonly flag: string },
): Promise<Listener> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void =>
      reject(
        new Error(`can't listen on ${at.host || '*'}:${at.port} (${at.flag}): ${error.message}`, { cause: error }),
      );
    server.once('error', fail);
    server.listen({ port: at.port, ...(at.host !== '' && { host: at.host }) }, () => {
      server.off('error', fail);
      resolve({ port: (server.address() as AddressInfo).port, close: () => closeServer(server) });
    });
  });
}

function closeServer(server: Server | HttpServer): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
}
