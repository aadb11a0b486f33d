/** Clients of a real API server. */
import assert from 'node:assert/strict';
import { loadConnection, type ConnectionOptions } from '../../src/kubernetes/config.ts';
import { createHttpClient, type HttpClient } from '../../src/kubernetes/http-client.ts';
import { realClock } from './real-clock.ts';

/** With what `loadConnection` finds by these options; the caller closes it. */
export async function connectTo(options: Partial<ConnectionOptions>, userAgent: string): Promise<HttpClient> {
  const connection = await loadConnection({ clock: realClock, env: {}, ...options });
  assert.ok(connection !== undefined);
  return createHttpClient({ connection, clock: realClock, userAgent });
}
