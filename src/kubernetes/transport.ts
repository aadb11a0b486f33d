/**
 * One pool of keep-alive connections to the API server over node:https, HTTP/1.1. The server closes idle connections
 * after 90 s, so ours are dropped after 60 s and a request never meets a closing one. Node's own client is used because
 * the webhook server has loaded it anyway (figures in docs/adr/0002-thin-kubernetes-client.md).
 */
import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Clock } from '../values/clock.ts';
import type { Connection, Credentials } from './connection.ts';
import { ApiError } from './errors.ts';

export interface Call {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** With the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal | undefined;
  /** For messages: `apply StatefulSet x/y`. */
  readonly what: string;
}

export interface Answer {
  readonly code: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: IncomingMessage;
}

export interface Transport {
  /**
   * Resolves when the headers are there; the body must then be read or destroyed. A 401 is tried once more with
   * credentials read afresh. Rejects with `ApiError` of code 0 when no answer came: reason `Unreachable`, `Timeout` (none
   * within `headersMilliseconds`) or `Aborted`.
   */
  send(call: Call, headersMilliseconds: number): Promise<Answer>;
  /** Closes idle connections; running requests are the callers'. */
  close(): void;
}

const IDLE_MILLISECONDS = 60_000;
const KEEP_ALIVE_PROBE_MILLISECONDS = 30_000;

interface Pool {
  readonly agent: HttpAgent;
  readonly credentials: Credentials;
}

const sameTls = (a: Credentials, b: Credentials): boolean =>
  a.ca === b.ca && a.cert === b.cert && a.key === b.key && a.servername === b.servername && a.insecure === b.insecure;

function createAgent(connection: Connection, credentials: Credentials): HttpAgent {
  const { ca, cert, key, servername, insecure } = credentials;
  const common = {
    keepAlive: true,
    keepAliveMsecs: KEEP_ALIVE_PROBE_MILLISECONDS,
    timeout: IDLE_MILLISECONDS,
    scheduling: 'lifo',
    ...(connection.proxyUrl !== undefined && {
      proxyEnv: { HTTPS_PROXY: connection.proxyUrl, HTTP_PROXY: connection.proxyUrl },
    }),
  } as const;
  if (!connection.server.startsWith('https:')) return new HttpAgent(common);
  return new HttpsAgent({
    ...common,
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(servername !== undefined && { servername }),
    ...(insecure === true && { rejectUnauthorized: false }),
  });
}

/** Names the failure and what to look at; the cause keeps the socket's own words. */
export function transportError(what: string, server: string, cause: unknown, signal?: AbortSignal): ApiError {
  if (signal?.aborted === true) return new ApiError(`${what}: aborted`, { code: 0, reason: 'Aborted', cause });
  if (cause instanceof ApiError) return cause;
  const text = cause instanceof Error ? cause.message : String(cause);
  return new ApiError(`${what}: no answer from ${server}: ${text}`, { code: 0, reason: 'Unreachable', cause });
}

function open(options: { url: URL; pool: Pool; call: Call; prefix: string }): ClientRequest {
  const { url, pool, call, prefix } = options;
  const { authorization, headers } = pool.credentials;
  const request: RequestOptions = {
    agent: pool.agent,
    protocol: url.protocol,
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? undefined : url.port,
    method: call.method,
    path: `${prefix}${call.path}`,
    headers: {
      ...call.headers,
      ...headers,
      ...(authorization !== undefined && { Authorization: authorization }),
      ...(call.body !== undefined && { 'Content-Length': String(Buffer.byteLength(call.body)) }),
    },
    ...(call.signal !== undefined && { signal: call.signal }),
  };
  return url.protocol === 'https:' ? httpsRequest(request) : httpRequest(request);
}

export function createTransport(connection: Connection, clock: Clock): Transport {
  const url = new URL(connection.server);
  const prefix = url.pathname.endsWith('/') ? url.pathname.slice(0, -1) : url.pathname;
  let pool: Pool | undefined;

  const poolWith = (credentials: Credentials): Pool => {
    const known = pool;
    // A rotated CA or client certificate needs new connections; the old pool's end with their last request.
    const agent = known !== undefined && sameTls(known.credentials, credentials) ? known.agent : undefined;
    if (known !== undefined && agent === undefined) closeIdle(known.agent);
    pool = { agent: agent ?? createAgent(connection, credentials), credentials };
    return pool;
  };
  const once = (call: Call, milliseconds: number, current: Pool): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const request = open({ url, pool: current, call, prefix });
      const cancel = clock.after(milliseconds, () =>
        request.destroy(
          new ApiError(`${call.what}: no answer from ${connection.server} within ${milliseconds / 1000} s`, {
            code: 0,
            reason: 'Timeout',
          }),
        ),
      );
      request.on('socket', (socket) => socket.setKeepAlive(true, KEEP_ALIVE_PROBE_MILLISECONDS));
      request.on('error', (cause) => {
        cancel();
        reject(transportError(call.what, connection.server, cause, call.signal));
      });
      request.on('response', (body) => {
        cancel();
        resolve({ code: body.statusCode ?? 0, headers: body.headers, body });
      });
      request.end(call.body);
    });
  const authenticate = async (call: Call, fresh: boolean): Promise<Pool> => {
    try {
      return poolWith(await connection.credentials({ fresh }));
    } catch (cause) {
      const why = `${call.what}: credentials of ${connection.source} can't be read`;
      throw new ApiError(why, { code: 0, reason: 'Unreachable', cause });
    }
  };

  return {
    async send(call, milliseconds) {
      const answer = await once(call, milliseconds, await authenticate(call, false));
      if (answer.code !== 401) return answer;
      // Nothing was done with the request, so any verb may be sent again.
      answer.body.resume();
      return once(call, milliseconds, await authenticate(call, true));
    },
    close: () => {
      if (pool !== undefined) closeIdle(pool.agent);
    },
  };
}

function closeIdle(agent: HttpAgent): void {
  for (const sockets of Object.values(agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
}
