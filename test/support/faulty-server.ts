/** An HTTP server that does what a test tells it to, request by request: the API server on its worst days. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';

export interface SeenRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** Of the connection it came over. */
  readonly remotePort: number | undefined;
}

export type Behaviour = (response: ServerResponse, request: SeenRequest, socket: Socket) => void;

export interface FaultyServer {
  readonly url: string;
  readonly requests: readonly SeenRequest[];
  /** For the next request that nobody has planned for; the last one planned stays in force. */
  next(...behaviours: readonly Behaviour[]): void;
  close(): Promise<void>;
}

export const answer =
  (code: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Behaviour =>
  (response) => {
    response.writeHead(code, { 'content-type': 'application/json', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };

/** Sends the pieces as they are, a moment apart, then leaves the stream open unless told how to end it. */
export const stream =
  (pieces: readonly (string | Uint8Array)[], end: 'open' | 'close' | 'reset' = 'open'): Behaviour =>
  (response, _, socket) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    let index = 0;
    const step = (): void => {
      const piece = pieces[index++];
      if (piece !== undefined) {
        response.write(piece);
        setTimeout(step, 3);
      } else if (end === 'close') response.end();
      else if (end === 'reset') socket.resetAndDestroy();
    };
    step();
  };

export async function startFaultyServer(tls?: { readonly cert: string; readonly key: string }): Promise<FaultyServer> {
  const requests: SeenRequest[] = [];
  const plan: Behaviour[] = [];
  let current: Behaviour = answer(500, 'nothing planned');
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const seen: SeenRequest = {
        method: request.method ?? '',
        url: new URL(request.url ?? '', 'http://server'),
        headers: request.headers,
        body: Buffer.concat(chunks).toString(),
        remotePort: request.socket.remotePort,
      };
      requests.push(seen);
      current = plan.shift() ?? current;
      current(response, seen, request.socket);
    });
    response.on('error', () => undefined);
  };
  const server = tls === undefined ? createServer(handle) : createTlsServer(tls, handle);
  server.on('clientError', (_, socket) => socket.destroy());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    requests,
    next: (...behaviours) => void plan.push(...behaviours),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
