/**
 * One HTTP request with Node's own client: `fetch` copies what it sends, 5 MiB for each part of an upload, and copies of
 * that size are let go later than a container of 128 MiB can wait.
 */
import { Agent as PlainAgent, request as plainRequest, type IncomingMessage } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';

export interface Transmission {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  /** Counts until the answer begins. */
  readonly signal: AbortSignal;
}

/** The body must be read: until then its connection is taken. */
export interface Answer {
  readonly status: number;
  /** By its lower-case name. */
  header(name: string): string | undefined;
  text(): Promise<string>;
  /** Ends with an error when the connection breaks before the end. */
  readonly body: AsyncIterable<Buffer>;
}

const plain = { request: plainRequest, agent: new PlainAgent({ keepAlive: true }) };
const encrypted = { request: tlsRequest, agent: new TlsAgent({ keepAlive: true }) };

/** Redirections are answers. Rejects with what the connection or the signal says. */
export function transmit(url: string, { method, headers, body, signal }: Transmission): Promise<Answer> {
  const { request, agent } = url.startsWith('https:') ? encrypted : plain;
  return new Promise((resolve, reject) => {
    const length = { 'content-length': String(body?.length ?? 0) };
    const hasBody = body !== undefined || method === 'POST' || method === 'PUT';
    const outgoing = request(url, { method, agent, signal, headers: { ...headers, ...(hasBody && length) } });
    outgoing.once('response', (incoming) => resolve(answerOf(incoming))).once('error', reject);
    outgoing.end(body);
  });
}

function answerOf(incoming: IncomingMessage): Answer {
  // Whoever reads it hears of it; nobody may be reading yet.
  incoming.on('error', () => undefined);
  return {
    status: incoming.statusCode ?? 0,
    header(name) {
      const value = incoming.headers[name];
      return Array.isArray(value) ? value.join(', ') : value;
    },
    async text() {
      const chunks: Buffer[] = [];
      for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
      return Buffer.concat(chunks).toString('utf8');
    },
    body: incoming,
  };
}
