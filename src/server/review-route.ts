/**
 * One admission review over HTTP: refuses what is no review, keeps to the caller's time and reports what was done. The API
 * server waits for this on every write, so nothing is made for a request that it does not need: no promise, no timer and no
 * AbortController where the answer is known at once.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { LogFields, Logger } from '../observe/logger.ts';
import type { WebhookMetrics } from '../observe/webhook-metrics.ts';
import type { Clock } from '../values/clock.ts';
import type { AdmissionAnswer, AdmissionHandler, Route } from './admission-handler.ts';
import { answerInTime } from './answer.ts';
import { readBody, type Body, type BufferBudget } from './body.ts';
import type { Drain } from './drain.ts';
import { refuse, send } from './reply.ts';

export interface ReviewOptions {
  readonly handle: AdmissionHandler;
  readonly drain: Drain;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: WebhookMetrics;
  readonly budget: BufferBudget;
}

const jsonType = /^application\/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/i;

export function reviewRoute(route: Route, options: ReviewOptions): RequestListener {
  const { drain, metrics, clock, budget } = options;
  const begin = metrics.requests(`/${route}`);
  return (request, response) => {
    const received = clock.now();
    const untrack = drain.track();
    const end = begin();
    response.on('close', () => {
      untrack();
      end(response.headersSent ? response.statusCode : 499);
    });
    const fault = mediaFault(request);
    if (fault !== undefined) {
      refuse(response, 415, fault, drain);
      return;
    }
    readBody(request, budget, (body) => {
      try {
        answerBody(body, { route, request, response, received }, options);
      } catch (error) {
        fail(error, response, options);
      }
    });
  };
}

/** A fault of ours, past every net below: without a word about it to the outside. */
export function fail(
  error: unknown,
  response: ServerResponse,
  { logger, metrics, drain }: Pick<ReviewOptions, 'logger' | 'metrics' | 'drain'>,
): void {
  metrics.panic();
  logger.error({ error }, 'a request ended in a bug');
  if (response.headersSent) response.destroy();
  else refuse(response, 500, 'internal error: see the log of the operator', drain);
}

function mediaFault({ headers }: IncomingMessage): string | undefined {
  const type = headers['content-type'] ?? '';
  if (type !== 'application/json' && !jsonType.test(type)) return 'Content-Type must be application/json';
  const encoding = headers['content-encoding'] ?? 'identity';
  return encoding === 'identity'
    ? undefined
    : `Content-Encoding ${encoding.slice(0, 30)} is not supported: send plain JSON`;
}

interface Exchange {
  readonly route: Route;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Milliseconds since the epoch. */
  readonly received: number;
}

function answerBody(body: Body, exchange: Exchange, options: ReviewOptions): void {
  const { route, request, response, received } = exchange;
  if (!body.ok) {
    refuse(response, body.status, body.message, options.drain);
    return;
  }
  const answer = answerInTime({ route, body: body.bytes, received, timeout: () => timeoutOf(request) }, options);
  if (!(answer instanceof Promise)) {
    finish(answer, exchange, options);
    return;
  }
  answer.then((late) => finish(late, exchange, options)).catch((error: unknown) => fail(error, response, options));
}

function finish(answer: AdmissionAnswer, exchange: Exchange, options: ReviewOptions): void {
  const { route, request, response, received } = exchange;
  const { drain, metrics, clock, logger } = options;
  send(response, answer.status, answer.body, drain);
  const { summary } = answer;
  if (summary !== undefined) metrics.decision(summary);
  const fields = (): LogFields => ({
    ...summary,
    route,
    code: answer.status,
    ms: clock.now() - received,
    ...trace(request),
  });
  // What was admitted stands in the API server's audit log, and the loop tells what it makes of it.
  if (answer.status === 200 && summary?.allowed === true) logger.debug(fields, 'admitted');
  else logger.info(fields(), answer.status === 200 ? 'refused' : 'bad review');
}

/** As the API server sends it: `?timeout=10s`. */
function timeoutOf({ url = '' }: IncomingMessage): string | undefined {
  const start = url.indexOf('?');
  return start < 0 ? undefined : (new URLSearchParams(url.slice(start)).get('timeout') ?? undefined);
}

/** W3C trace context: the API server's own trace id, when it traces. */
function trace({ headers }: IncomingMessage): { readonly traceId?: string } | undefined {
  const { traceparent } = headers;
  if (typeof traceparent !== 'string') return undefined;
  const [, traceId] = /^00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/.exec(traceparent) ?? [];
  return traceId === undefined ? undefined : { traceId };
}
