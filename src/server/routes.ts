/**
 * The webhook over HTTP: a thin layer that refuses what is no review, keeps to the caller's time and reports what was done.
 * Express routes whatever is asked; a POST to the two paths that the API server calls all day goes past it, since its
 * routing would cost as much as reading the review.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import type { Logger } from '../observe/logger.ts';
import type { WebhookMetrics } from '../observe/webhook-metrics.ts';
import type { Clock } from '../values/clock.ts';
import type { AdmissionHandler, Route } from './admission-handler.ts';
import { answerInTime } from './answer.ts';
import { readBody, type BufferBudget } from './body.ts';
import type { Drain } from './drain.ts';
import { statusJson } from './status.ts';

export interface RouteOptions {
  readonly handle: AdmissionHandler;
  readonly drain: Drain;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: WebhookMetrics;
}

export const routes: readonly Route[] = ['mutate', 'validate'];

const jsonType = /^application\/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/i;

export function createRoutes(options: RouteOptions): RequestListener {
  const withBudget = { ...options, budget: { held: 0 } };
  const app = createApp(withBudget);
  return (request, response) => {
    const route = request.method === 'POST' ? directRoutes.get(pathOf(request)) : undefined;
    if (route === undefined) {
      app(request, response);
      return;
    }
    setHeaders(options.drain, response);
    review(route, request, response, withBudget).catch((error: unknown) => fail(error, response, options));
  };
}

const directRoutes: ReadonlyMap<string, Route> = new Map(routes.map((route) => [`/${route}`, route]));

type Options = RouteOptions & { readonly budget: BufferBudget };

function createApp(options: Options): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.disable('query parser');
  app.use(headers(options.drain));
  for (const route of routes) {
    const paths = [`/${route}`, `/${route}/:plural`];
    app.post(paths, (request, response) => review(route, request, response, options));
    app.all(paths, (request, response) => {
      response.set('allow', 'POST');
      refuse(response, 405, `${request.method} is not served here: POST an AdmissionReview`);
    });
  }
  app.use((request, response) => refuse(response, 404, `there is nothing at ${request.path.slice(0, 100)}`));
  app.use(broken(options));
  return app;
}

const pathOf = ({ url = '' }: IncomingMessage): string => {
  const end = url.indexOf('?');
  return end < 0 ? url : url.slice(0, end);
};

/** As the API server sends it: `?timeout=10s`. */
function timeoutOf({ url = '' }: IncomingMessage): string | undefined {
  const start = url.indexOf('?');
  return start < 0 ? undefined : (new URLSearchParams(url.slice(start)).get('timeout') ?? undefined);
}

function setHeaders(drain: Drain, response: ServerResponse): void {
  if (drain.draining) response.setHeader('connection', 'close');
  response.setHeader('x-content-type-options', 'nosniff');
}

const headers =
  (drain: Drain): RequestHandler =>
  (_request, response, next) => {
    setHeaders(drain, response);
    next();
  };

/** Not Express's own page: no HTML, no stack. */
const broken =
  (options: RouteOptions): ErrorRequestHandler =>
  (error: unknown, _request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const status = typeof error === 'object' && error !== null && 'status' in error ? Number(error.status) : 500;
    if (status >= 400 && status < 500) {
      refuse(response, status, 'the request is malformed');
      return;
    }
    fail(error, response, options);
  };

function fail(error: unknown, response: ServerResponse, { logger, metrics }: RouteOptions): void {
  metrics.panic();
  logger.error({ error }, 'a request ended in a bug');
  if (response.headersSent) response.destroy();
  else refuse(response, 500, 'internal error: see the log of the operator');
}

function refuse(response: ServerResponse, status: number, message: string): void {
  if (response.destroyed) return;
  // The body was not read to its end: this connection can't be used again.
  if (!response.req.complete) response.setHeader('connection', 'close');
  if (status === 503) response.setHeader('retry-after', '1');
  send(response, status, statusJson(status, message));
}

function send(response: ServerResponse, status: number, json: string): void {
  const bytes = Buffer.from(json);
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'content-length': bytes.length });
  response.end(bytes);
}

async function review(
  route: Route,
  request: IncomingMessage,
  response: ServerResponse,
  options: Options,
): Promise<void> {
  const { drain, metrics, clock, logger, budget } = options;
  const received = clock.now();
  const untrack = drain.track();
  const end = metrics.begin(`/${route}`);
  response.on('close', () => {
    untrack();
    end(response.headersSent ? response.statusCode : 499);
  });
  if (!jsonType.test(request.headers['content-type'] ?? '')) {
    refuse(response, 415, 'Content-Type must be application/json');
    return;
  }
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') {
    refuse(response, 415, `Content-Encoding ${encoding.slice(0, 30)} is not supported: send plain JSON`);
    return;
  }
  const body = await readBody(request, budget);
  if (!body.ok) {
    refuse(response, body.status, body.message);
    return;
  }
  const answer = await answerInTime(route, body.bytes, { ...options, received, timeout: timeoutOf(request) });
  // Readiness may have changed while the answer was made.
  if (drain.draining) response.setHeader('connection', 'close');
  send(response, answer.status, answer.body);
  const { summary } = answer;
  if (summary !== undefined) metrics.decision(summary);
  logger.info(
    { ...summary, route, code: answer.status, ms: clock.now() - received, ...trace(request) },
    answer.status !== 200 ? 'bad review' : summary?.allowed === true ? 'admitted' : 'refused',
  );
}

/** W3C trace context: the API server's own trace id, when it traces. */
function trace(request: IncomingMessage): { traceId?: string } {
  const [, traceId] = /^00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/.exec(String(request.headers['traceparent'])) ?? [];
  return traceId === undefined ? {} : { traceId };
}
