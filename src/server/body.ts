/** Reads a request body within limits, counted in raw bytes as they arrive. */
import type { IncomingMessage } from 'node:http';

/** Two objects of the API server's 3 MiB each, and one for the rest. */
export const bodyLimit = 7 * 1024 * 1024;
/** Of all requests together: what a small container can hold beside its work. */
export const bufferLimit = 24 * 1024 * 1024;
/** A refused body is read and thrown away up to here: a client that is still writing may miss the answer otherwise. */
export const discardLimit = 2 * bodyLimit;

export type Body =
  | { readonly ok: true; readonly bytes: Buffer }
  | { readonly ok: false; readonly status: 400 | 413 | 503; readonly message: string };

/** Bytes that are held for requests now; one for each server. */
export interface BufferBudget {
  held: number;
}

const tooLarge: Body = { ok: false, status: 413, message: `the body is larger than ${bodyLimit} bytes` };
const busy: Body = { ok: false, status: 503, message: 'too many large requests at once: try again' };
const broken: Body = { ok: false, status: 400, message: 'the request broke off' };

/** Calls back once, perhaps at once. After a refusal `request.complete` tells whether the connection can still be used. */
export function readBody(request: IncomingMessage, budget: BufferBudget, done: (body: Body) => void): void {
  if (Number(request.headers['content-length'] ?? 0) > discardLimit) {
    done(tooLarge);
    return;
  }
  let chunks: Buffer[] = [];
  let size = 0;
  let held = 0;
  let refusal: Body | undefined;
  let finished = false;
  const release = (): void => {
    budget.held -= held;
    held = 0;
    chunks = [];
  };
  const finish = (body: Body): void => {
    if (finished) return;
    finished = true;
    release();
    done(body);
  };
  const onData = (chunk: Buffer): void => {
    if (finished) return;
    size += chunk.length;
    if (refusal === undefined && size > bodyLimit) refusal = tooLarge;
    if (refusal === undefined && budget.held + chunk.length > bufferLimit) refusal = busy;
    if (refusal !== undefined) {
      release();
      if (size <= discardLimit) return;
      request.pause();
      finish(refusal);
      return;
    }
    budget.held += chunk.length;
    held += chunk.length;
    chunks.push(chunk);
  };
  const onEnd = (): void => {
    const [first = Buffer.alloc(0)] = chunks;
    finish(refusal ?? { ok: true, bytes: chunks.length === 1 ? first : Buffer.concat(chunks) });
  };
  const onBroken = (): void => finish(broken);
  // An error on a request that was refused already must not become an exception.
  request.on('error', onBroken).on('data', onData).on('end', onEnd).on('close', onBroken);
}
