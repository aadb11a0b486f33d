/** One request and its answer over the transport: headers, time limits, bodies, errors, and the metrics hook. */
import type { Resource } from '../api/object.ts';
import type { Clock } from '../values/clock.ts';
import type { WatchEvent } from './client.ts';
import type { Connection } from './connection.ts';
import { ApiError } from './errors.ts';
import { apiErrorOf } from './status.ts';
import type { Answer, Call, Transport } from './transport.ts';
import { transportError } from './transport.ts';
import { watchStream } from './watch-stream.ts';

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'apply' | 'patch' | 'delete';

export interface RequestRecord {
  readonly verb: Verb;
  readonly resource: Resource;
  /** 0: no answer. */
  readonly code: number;
  /** Until the whole answer was there; for a watch until it was opened. */
  readonly seconds: number;
}

export interface HttpClientOptions {
  readonly connection: Connection;
  readonly clock: Clock;
  /** `database-operator/<version>`. */
  readonly userAgent: string;
  /** For one request, its answer included; 30 s. Watches have their own limit on silence. */
  readonly requestMilliseconds?: number;
  /** A watch without a byte for this long is dead; bookmarks come about once a minute. 3 min. */
  readonly watchSilenceMilliseconds?: number;
  readonly onRequest?: (record: RequestRecord) => void;
  /** Texts of the `Warning` headers of an answer, as kubectl prints them. */
  readonly onWarning?: (text: string) => void;
  /** Who the fields that are written belong to; `database-operator`. */
  readonly fieldManager?: string;
  /** Writes are judged, unknown fields included, and nothing is stored. */
  readonly dryRun?: boolean;
  /** Aborts everything, e.g. at shutdown. */
  readonly signal?: AbortSignal;
}

export interface Request {
  readonly verb: Verb;
  readonly resource: Resource;
  readonly what: string;
  readonly method: Call['method'];
  readonly path: string;
  readonly accept?: string | undefined;
  readonly contentType?: string;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}

const JSON_TYPE = 'application/json';
function joinSignals(a: AbortSignal | undefined, b: AbortSignal | undefined): AbortSignal | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return AbortSignal.any([a, b]);
}

async function readText(body: AsyncIterable<unknown>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function parseBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** `299 - "text"`, several by comma; quotes and backslashes in a text are escaped. */
export const warningTexts = (header: string | readonly string[] | undefined): readonly string[] =>
  [header ?? []]
    .flat()
    .flatMap((line) =>
      [...line.matchAll(/\d{3} \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) => text.replaceAll(/\\(.)/g, '$1')),
    );

export interface Exchange {
  /** The parsed body of a 2xx answer. */
  exchange(request: Request): Promise<unknown>;
  watch(request: Request): AsyncGenerator<WatchEvent, void, undefined>;
}

export function createExchange(options: HttpClientOptions, transport: Transport): Exchange {
  const { clock, connection, requestMilliseconds = 30_000, watchSilenceMilliseconds = 180_000 } = options;
  const callOf = (request: Request): Call => ({
    method: request.method,
    path: request.path,
    what: request.what,
    signal: joinSignals(request.signal, options.signal),
    headers: {
      Accept: request.accept ?? JSON_TYPE,
      'User-Agent': options.userAgent,
      ...(request.body !== undefined && { 'Content-Type': request.contentType ?? JSON_TYPE }),
    },
    ...(request.body !== undefined && { body: JSON.stringify(request.body) }),
  });
  const finish = async (call: Call, answer: Answer): Promise<unknown> => {
    const cancel = clock.after(requestMilliseconds, () => {
      const late = `${call.what}: the answer was not complete within ${requestMilliseconds / 1000} s`;
      answer.body.destroy(new ApiError(late, { code: 0, reason: 'Timeout' }));
    });
    let body: unknown;
    try {
      body = parseBody(await readText(answer.body));
    } catch (cause) {
      throw transportError(call.what, connection.server, cause, call.signal);
    } finally {
      cancel();
    }
    for (const text of warningTexts(answer.headers['warning'])) options.onWarning?.(text);
    if (answer.code >= 200 && answer.code < 300) return body;
    throw apiErrorOf(body, { code: answer.code, retryAfter: answer.headers['retry-after'], what: call.what });
  };
  const measured = async <T>(request: Request, run: () => Promise<T>): Promise<T> => {
    const startedAt = clock.now();
    let code = 200;
    try {
      return await run();
    } catch (error) {
      code = error instanceof ApiError ? error.code : 0;
      throw error;
    } finally {
      const seconds = (clock.now() - startedAt) / 1000;
      options.onRequest?.({ verb: request.verb, resource: request.resource, code, seconds });
    }
  };

  return {
    exchange(request) {
      const call = callOf(request);
      return measured(request, async () => finish(call, await transport.send(call, requestMilliseconds)));
    },
    async *watch(request) {
      const call = callOf(request);
      const answer = await measured(request, async () => {
        const opened = await transport.send(call, requestMilliseconds);
        if (opened.code !== 200) await finish(call, opened);
        return opened;
      });
      try {
        yield* watchStream(answer.body, { clock, silenceMilliseconds: watchSilenceMilliseconds });
      } catch (cause) {
        throw transportError(call.what, connection.server, cause, call.signal);
      } finally {
        answer.body.destroy();
      }
    },
  };
}
