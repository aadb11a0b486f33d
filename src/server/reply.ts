/** How the webhook answers: always JSON of a known length, head and body in one write. */
import type { ServerResponse } from 'node:http';
import type { Drain } from './drain.ts';
import { statusJson } from './status.ts';

export function send(response: ServerResponse, status: number, json: string, drain: Drain): void {
  // While draining, and where the body was not read to its end, this connection can't be used again.
  const last = drain.draining || !response.req.complete;
  const length = Buffer.byteLength(json);
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': length,
    'x-content-type-options': 'nosniff',
    ...(last && { connection: 'close' }),
    ...(status === 503 && { 'retry-after': '1' }),
  });
  // A text and not bytes: Node sends bytes apart from the head. ASCII has a shorter way.
  response.end(json, length === json.length ? 'latin1' : 'utf8');
}

/** A metav1.Status. */
export function refuse(response: ServerResponse, status: number, message: string, drain: Drain): void {
  if (!response.destroyed) send(response, status, statusJson(status, message), drain);
}
