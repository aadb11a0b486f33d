/** One watch: changes in order, bookmarks, and the ways in which a stream breaks. */
import type { KubernetesObject, Resource } from '../../src/api/object.ts';
import type { WatchEvent, WatchOptions } from '../../src/kubernetes/client.ts';
import { ApiError } from '../../src/kubernetes/errors.ts';
import type { Clock } from '../../src/values/clock.ts';
import type { Network } from './network.ts';
import type { LogEntry, World } from './world-types.ts';

const BOOKMARK_MS = 60_000;

const expired = (): ApiError => new ApiError('too old resource version', { code: 410, reason: 'Expired' });

export function matches(selector: string | undefined, object: KubernetesObject | undefined): boolean {
  if (object === undefined) return false;
  return (selector ?? '')
    .split(',')
    .filter((term) => term !== '')
    .every((term) => {
      const [key = '', value] = term.split('=');
      const actual = object.metadata.labels?.[key];
      return value === undefined ? actual !== undefined : actual === value;
    });
}

export function bookmark(resource: Resource, resourceVersion: string, initialEnd: boolean): WatchEvent {
  const annotations = initialEnd ? { 'k8s.io/initial-events-end': 'true' } : {};
  return {
    type: 'BOOKMARK',
    object: { apiVersion: 'v1', kind: resource.kind, metadata: { name: '', resourceVersion, annotations } },
  };
}

export interface Stream {
  start(version: number): void;
  /** Undefined when the stream has ended. */
  next(): Promise<WatchEvent | undefined>;
  close(): void;
}

export function openStream(
  world: World,
  clock: Clock,
  network: Network,
  resource: Resource,
  options: WatchOptions,
): Stream {
  const queue: (WatchEvent | undefined)[] = [];
  let waiting: ((event: WatchEvent | undefined) => void) | undefined;
  let open = false;
  let lastAt = 0;
  let sent = 0;
  let hasLost = false;
  const timers: (() => void)[] = [];

  const deliver = (event: WatchEvent | undefined): void => {
    if (waiting === undefined) queue.push(event);
    else {
      const resolve = waiting;
      waiting = undefined;
      resolve(event);
    }
  };
  /** In order: an event never overtakes an earlier one. */
  const later = (event: WatchEvent | undefined): void => {
    lastAt = Math.max(lastAt, clock.now() + network.delay());
    clock.after(lastAt - clock.now(), () => open && deliver(event));
  };
  const offer = (entry: LogEntry): void => {
    if (!open || entry.resource.kind !== resource.kind || entry.version <= sent) return;
    const event = eventOf(entry, options);
    sent = entry.version;
    if (event === undefined) return;
    const fate = network.fateOf(entry);
    if (fate === 'lost') {
      // What is lost is noticed in the end: the stream breaks, and its version is too old to go on from.
      hasLost = true;
      timers.push(clock.after(network.breakAfterLoss(), end));
      return;
    }
    later(event);
    if (fate === 'twice') later(event);
  };
  /** Bookmarks may have led past what was lost: the client must not go on from there when the stream ends early. */
  const end = (): void => later(hasLost ? { type: 'ERROR', object: status410() } : undefined);
  const tick = (): void => {
    if (!open) return;
    later(bookmark(resource, String(Math.max(sent, world.version)), false));
    timers.push(clock.after(BOOKMARK_MS, tick));
  };

  return {
    start(version) {
      open = true;
      if (version < network.compactedAt()) {
        later({ type: 'ERROR', object: status410() });
        return;
      }
      sent = version;
      for (const entry of world.log.filter((entry) => entry.version > version)) offer(entry);
      timers.push(world.onChange(offer));
      timers.push(clock.after(BOOKMARK_MS, tick));
      timers.push(clock.after((options.timeoutSeconds ?? 600) * 1000, end));
      options.signal?.addEventListener('abort', () => deliver(undefined));
    },
    next: () => (queue.length > 0 ? Promise.resolve(queue.shift()) : new Promise((resolve) => (waiting = resolve))),
    close() {
      open = false;
      for (const cancel of timers) cancel();
    },
  };
}

function eventOf(entry: LogEntry, options: WatchOptions): WatchEvent | undefined {
  if (options.namespace !== undefined && entry.last.metadata.namespace !== options.namespace) return undefined;
  const before = matches(options.labelSelector, entry.before);
  const after = matches(options.labelSelector, entry.after);
  if (after) return { type: before ? 'MODIFIED' : 'ADDED', object: entry.after as KubernetesObject };
  return before ? { type: 'DELETED', object: entry.last } : undefined;
}

const status410 = (): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Status',
  metadata: { name: '' },
  status: 'Failure',
  code: expired().code,
  reason: expired().reason,
  message: expired().message,
});
