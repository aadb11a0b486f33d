/** The body of a watch as events. A silent connection is cut: a half-open one would otherwise look like a quiet cluster for ever. */
import type { Readable } from 'node:stream';
import type { KubernetesObject } from '../api/object.ts';
import type { Clock } from '../values/clock.ts';
import type { WatchEvent } from './client.ts';
import { ApiError } from './errors.ts';
import { splitLines } from './lines.ts';

const types = ['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR'] as const;

/** Passes chunks on and destroys the body when none came for `silenceMilliseconds`. */
async function* guardSilence(
  body: Readable,
  clock: Clock,
  silenceMilliseconds: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  const cut = (): void => {
    const seconds = silenceMilliseconds / 1000;
    body.destroy(new ApiError(`watch was silent for ${seconds} s and was cut`, { code: 0, reason: 'Timeout' }));
  };
  let cancel = clock.after(silenceMilliseconds, cut);
  try {
    for await (const chunk of body) {
      cancel();
      yield chunk as Uint8Array;
      cancel = clock.after(silenceMilliseconds, cut);
    }
  } finally {
    cancel();
    body.destroy();
  }
}

function parseEvent(line: string): WatchEvent {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new ApiError('watch sent a line that is not JSON', { code: 0, reason: 'BadStream', cause });
  }
  const { type, object } = (value ?? {}) as { type?: unknown; object?: unknown };
  const known = types.find((name) => name === type);
  if (known === undefined || typeof object !== 'object' || object === null) {
    throw new ApiError('watch sent a line that is not an event', { code: 0, reason: 'BadStream' });
  }
  return { type: known, object: object as KubernetesObject };
}

/** Ends after an ERROR event, which it passes on; throws on silence, on bytes that are no events and on a broken connection. */
export async function* watchStream(
  body: Readable,
  options: { readonly clock: Clock; readonly silenceMilliseconds: number },
): AsyncGenerator<WatchEvent, void, undefined> {
  for await (const line of splitLines(guardSilence(body, options.clock, options.silenceMilliseconds))) {
    const event = parseEvent(line);
    yield event;
    if (event.type === 'ERROR') return;
  }
}
