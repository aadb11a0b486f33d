/** A container's log, line by line: the one thing that is read from the API server and is no JSON. */
import { createInterface } from 'node:readline';
import type { IncomingMessage } from 'node:http';
import { Pod } from '../api/resources.ts';
import { objectPath, query } from './paths.ts';
import { apiErrorOf } from './status.ts';
import type { Transport } from './transport.ts';
import { transportError } from './transport.ts';

export interface LogOptions {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly follow?: boolean;
  /** Of the container before the last restart. */
  readonly previous?: boolean;
  readonly tailLines?: number;
  readonly sinceSeconds?: number;
  /** RFC 3339, to the second. */
  readonly sinceTime?: string;
  readonly limitBytes?: number;
  /** Before each line and a blank: RFC 3339 with nanoseconds, all of one length. */
  readonly timestamps?: boolean;
}

/** Yields complete lines. Rejects with `ApiError`, e.g. 400 while the container has not started. */
export async function* podLog(
  transport: Transport,
  { namespace, pod, ...options }: LogOptions,
  { userAgent, signal }: { readonly userAgent: string; readonly signal?: AbortSignal },
): AsyncGenerator<string, void, undefined> {
  const what = `log of ${namespace}/${pod}`;
  const path = `${objectPath({ resource: Pod, namespace, name: pod }, 'log')}${query({ ...options })}`;
  const call = { method: 'GET', path, what, headers: { Accept: '*/*', 'User-Agent': userAgent }, signal } as const;
  const { code, body } = await transport.send(call, 30_000);
  if (code !== 200) throw apiErrorOf(await parsed(body), { code, what });
  const failed = new Promise<never>((_, reject) => body.once('error', reject));
  failed.catch(() => undefined);
  const lines = createInterface({ input: body, crlfDelay: Infinity })[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await Promise.race([lines.next(), failed]);
      if (next.done === true) return;
      yield next.value;
    }
  } catch (cause) {
    throw transportError(what, '', cause, signal);
  } finally {
    body.destroy();
  }
}

async function parsed(body: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
