/**
 * Metrics and health on a port of their own. Liveness says only that the event loop turns; readiness says that the API
 * server would be served: not draining, a valid certificate, and the very one that the webhook port shows when it is
 * dialled. The state of the reconcile loop is not in it: admission does not wait for caches.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Metrics } from '../observe/metrics.ts';

/** Resolves to what is wrong, or undefined. */
export type Check = () => string | undefined | Promise<string | undefined>;

export interface OperationsOptions {
  readonly metrics: Metrics;
  readonly readiness: Readonly<Record<string, Check>>;
}

export function createOperations(options: OperationsOptions): RequestListener {
  return (request, response) => {
    void respond(request, response, options).catch((error: unknown) => {
      text(response, 500, error instanceof Error ? error.message : 'internal error');
    });
  };
}

async function respond(request: IncomingMessage, response: ServerResponse, options: OperationsOptions): Promise<void> {
  request.resume();
  const path = (request.url ?? '/').split('?', 1)[0];
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    text(response, 405, 'only GET is served here');
    return;
  }
  if (path === '/readyz') await ready(response, options.readiness);
  else if (path === '/healthz' || path === '/livez') text(response, 200, 'ok');
  else if (path === '/metrics') text(response, 200, await options.metrics.render(), options.metrics.contentType);
  else text(response, 404, 'there are /metrics, /healthz and /readyz');
}

/** One line for each check, as the API server's own `/readyz?verbose`. */
async function ready(response: ServerResponse, checks: Readonly<Record<string, Check>>): Promise<void> {
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => ({ name, problem: await runCheck(check) })),
  );
  const lines = results.map(({ name, problem }) =>
    problem === undefined ? `[+]${name} ok` : `[-]${name}: ${problem}`,
  );
  const failed = results.some(({ problem }) => problem !== undefined);
  text(response, failed ? 503 : 200, [...lines, failed ? 'not ready' : 'ready'].join('\n'));
}

async function runCheck(check: Check): Promise<string | undefined> {
  try {
    return await check();
  } catch (error) {
    return error instanceof Error ? error.message : 'failed';
  }
}

function text(response: ServerResponse, status: number, body: string, type = 'text/plain; charset=utf-8'): void {
  if (response.headersSent) return;
  const bytes = Buffer.from(body.endsWith('\n') ? body : `${body}\n`);
  response.writeHead(status, { 'content-type': type, 'content-length': bytes.length, 'cache-control': 'no-store' });
  response.end(bytes);
}
