/** A client against a server that misbehaves, both new for every test of the suite that calls `faultyServer`. */
import assert from 'node:assert/strict';
import type { WatchEvent } from '../../src/kubernetes/client.ts';
import type { Credentials } from '../../src/kubernetes/connection.ts';
import { ApiError } from '../../src/kubernetes/errors.ts';
import type { HttpClientOptions, RequestRecord } from '../../src/kubernetes/exchange.ts';
import { createHttpClient } from '../../src/kubernetes/http-client.ts';
import type { HttpClient } from '../../src/kubernetes/http-client.ts';
import { startFaultyServer } from './faulty-server.ts';
import type { FaultyServer } from './faulty-server.ts';
import { realClock } from './real-clock.ts';

export interface Connected {
  readonly client: HttpClient;
  readonly records: readonly RequestRecord[];
  /** The process's own signal. */
  readonly controller: AbortController;
}

export interface Setup {
  readonly server: FaultyServer;
  /** Ends the server in the middle of a test; the suite starts another. */
  stopServer(): Promise<void>;
  connect(options?: Partial<HttpClientOptions>, credentials?: (fresh: boolean) => Credentials): Connected;
}

/** For the top of a `describe`. */
export function faultyServer(): Setup {
  let server: FaultyServer | undefined;
  const controllers: AbortController[] = [];
  const current = (): FaultyServer => {
    assert.ok(server !== undefined, 'the server lives inside a test only');
    return server;
  };
  beforeEach(async () => void (server = await startFaultyServer()));
  afterEach(async () => {
    for (const controller of controllers.splice(0)) controller.abort();
    await server?.close();
    server = undefined;
  });
  return {
    get server() {
      return current();
    },
    async stopServer() {
      await current().close();
      server = await startFaultyServer();
    },
    connect(options = {}, credentials = () => ({})) {
      const controller = new AbortController();
      controllers.push(controller);
      const records: RequestRecord[] = [];
      const client = createHttpClient({
        connection: {
          server: current().url,
          namespace: undefined,
          source: 'test',
          credentials: ({ fresh = false } = {}) => Promise.resolve(credentials(fresh)),
        },
        clock: realClock,
        userAgent: 'database-operator/1.2.3',
        onRequest: (record) => records.push(record),
        signal: controller.signal,
        ...options,
      });
      return { client, records, controller };
    },
  };
}

/** The body of a refusal. */
export const status = (code: number, reason: string, message: string, details = {}): unknown => ({
  kind: 'Status',
  apiVersion: 'v1',
  status: 'Failure',
  message,
  reason,
  details,
  code,
});

/** For `assert.rejects`: an ApiError with these fields and such a message. */
export const isApiError =
  (expected: Partial<ApiError>, message?: RegExp) =>
  (error: unknown): boolean => {
    assert.ok(error instanceof ApiError, String(error));
    for (const [field, value] of Object.entries(expected)) {
      assert.equal(error[field as keyof ApiError], value, error.message);
    }
    if (message !== undefined) assert.match(error.message, message);
    return true;
  };

/** All events until the watch ends, into an array that is there even if it fails. */
export async function collectEvents(events: AsyncIterable<WatchEvent>, into: WatchEvent[] = []): Promise<WatchEvent[]> {
  for await (const event of events) into.push(event);
  return into;
}
