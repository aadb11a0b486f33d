/**
 * A proxy before a real API server that can be told to misbehave: everything passes until a fault is set. It speaks plain
 * HTTP and authenticates with the credentials of its connection, as `kubectl proxy` does.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Connection } from '../../src/kubernetes/connection.ts';

export interface Faults {
  /** Answers instead of the API server when it returns something. */
  intercept?: (
    url: URL,
    method: string,
  ) => { code: number; body: unknown; headers?: Record<string, string> } | undefined;
}

export interface FaultyProxy {
  readonly connection: Connection;
  readonly faults: Faults;
  /** Method and URL of everything that came. */
  readonly requests: readonly { method: string; url: URL }[];
  /** From now on open streams stay open and nothing comes through them any more: a half-open connection. */
  freezeStreams(): void;
  /** Resets open streams; with `garbage`, after half a line. */
  resetStreams(garbage?: string): void;
  close(): Promise<void>;
}

interface Stream {
  readonly client: ServerResponse;
  readonly upstream: IncomingMessage;
}

export async function startFaultyProxy(target: Connection): Promise<FaultyProxy> {
  const { ca, cert, key, authorization } = await target.credentials();
  const agent = new Agent({ keepAlive: true, ca, cert, key });
  const requests: { method: string; url: URL }[] = [];
  const streams = new Set<Stream>();
  const faults: Faults = {};

  const forward = (request: IncomingMessage, response: ServerResponse, url: URL): void => {
    const headers = { ...request.headers, host: new URL(target.server).host, ...(authorization && { authorization }) };
    const upstream = httpsRequest(`${target.server}${request.url}`, { method: request.method, headers, agent });
    upstream.on('error', () => response.destroy());
    upstream.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      response.flushHeaders();
      answer.on('error', () => response.destroy());
      answer.pipe(response);
      if (!url.searchParams.has('watch')) return;
      const stream: Stream = { client: response, upstream: answer };
      streams.add(stream);
      response.on('close', () => {
        streams.delete(stream);
        upstream.destroy();
      });
    });
    request.pipe(upstream);
  };
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://proxy');
    const method = request.method ?? '';
    requests.push({ method, url });
    const fault = faults.intercept?.(url, method);
    if (fault === undefined) {
      forward(request, response, url);
      return;
    }
    request.resume();
    response.writeHead(fault.code, { 'content-type': 'application/json', ...fault.headers });
    response.end(JSON.stringify(fault.body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    faults,
    requests,
    connection: {
      server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      namespace: undefined,
      source: 'proxy',
      credentials: () => Promise.resolve({}),
    },
    freezeStreams() {
      for (const { client, upstream } of streams) {
        upstream.unpipe(client);
        upstream.resume();
      }
    },
    resetStreams(garbage) {
      for (const { client, upstream } of streams) {
        upstream.unpipe(client);
        const reset = (): void => void client.socket?.resetAndDestroy();
        if (garbage === undefined) reset();
        else client.write(garbage, () => setTimeout(reset, 20));
      }
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      agent.destroy();
    },
  };
}
