/**
 * Keeps a store equal to what the API server has: WatchList where it is offered, else a paged list, then a watch that is
 * resumed from the last bookmark. It ends only when it is stopped: every failure is waited out and tried again, because
 * an operator that silently stopped watching looks healthy and does nothing.
 */
import type { KubernetesObject, Resource } from '../api/object.ts';
import type { Clock, Random } from '../values/clock.ts';
import { sleep } from '../values/clock.ts';
import { createBackoff } from './backoff.ts';
import type { KubernetesClient } from './client.ts';
import { ApiError, isExpired, isNotFound } from './errors.ts';
import type { MutableStore } from './memory-store.ts';
import { createSession } from './reflector-session.ts';
import type { Session } from './reflector-session.ts';
import { trim } from './trim.ts';

/**
 * A watch that lived so long was healthy, and its end is the first failure again. client-go says two minutes: an API server
 * that restarts three times in two minutes then leaves us blind for one.
 */
const HEALTHY_MILLISECONDS = 10_000;

export interface ReflectorOptions {
  readonly client: Pick<KubernetesClient, 'listPage' | 'watch'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly resource: Resource;
  readonly store: MutableStore;
  /** One watch for each; absent or empty: the whole cluster. */
  readonly namespaces?: readonly string[];
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly metadataOnly?: boolean;
  /** Makes objects smaller before they are stored; runs after managedFields are stripped. Must not change its argument. */
  readonly transform?: (object: KubernetesObject) => KubernetesObject;
  /** Told of every failure and of how long it will be waited; the reflector goes on by itself. */
  readonly onError?: (error: unknown, waitMilliseconds: number) => void;
  /** Told when the resource turns out not to exist in the cluster (its CRD is missing), and when it appears. */
  readonly onAbsent?: (absent: boolean) => void;
  /** How often an absent resource is looked for; 60 s. */
  readonly absentRetryMilliseconds?: number;
}

export interface Reflector {
  /** Resolves once every namespace has been listed (or is known to be absent); stays pending if stopped before. */
  readonly synced: Promise<void>;
  /** True while the API server does not know the resource. */
  readonly absent: boolean;
  /**
   * When the store was last known to be true of this namespace, or of the whole cluster: milliseconds since the epoch.
   * Undefined while it has not been listed, and for what this reflector does not watch.
   */
  heardAt(namespace?: string): number | undefined;
  /** Ends all watches; resolves when nothing of it runs any more. */
  stop(): Promise<void>;
}

/** Too old (410, either as the HTTP status or inside the stream), or newer than anything the server has (etcd restored). */
function needsRelist(error: unknown): boolean {
  if (isExpired(error)) return true;
  if (!(error instanceof ApiError)) return false;
  return error.reason === 'Expired' || error.message.includes('Too large resource version');
}

interface Waiting {
  readonly error: unknown;
  readonly milliseconds: number;
}

interface Scope {
  readonly session: Session;
  readonly signal: AbortSignal;
  /** How long to wait before the next round, and why. */
  failed(error: unknown): Waiting;
}

async function runScope(scope: Scope, options: ReflectorOptions, onRound: (absent: boolean) => void): Promise<void> {
  const { session, signal } = scope;
  const stopped = (): boolean => signal.aborted;
  while (!stopped()) {
    let waiting: Waiting | undefined;
    try {
      await session.round(() => onRound(false));
    } catch (error) {
      if (stopped()) return;
      if (isNotFound(error)) {
        session.clear();
        onRound(true);
      }
      if (needsRelist(error)) session.forgetVersion();
      waiting = scope.failed(error);
    }
    if (waiting === undefined) continue;
    if (!isNotFound(waiting.error)) options.onError?.(waiting.error, waiting.milliseconds);
    await sleep(options.clock, waiting.milliseconds, signal);
  }
}

function createScope(
  options: ReflectorOptions,
  { namespace, onHeard }: { readonly namespace: string | undefined; readonly onHeard: () => void },
  signal: AbortSignal,
): Scope {
  const { clock, random, absentRetryMilliseconds = 60_000 } = options;
  const backoff = createBackoff({ clock, random, resetAfterMilliseconds: HEALTHY_MILLISECONDS });
  const transform = options.transform;
  const session = createSession({
    ...options,
    namespace,
    signal,
    onHeard,
    shrink: transform === undefined ? trim : (object) => transform(trim(object)),
  });
  return {
    session,
    signal,
    failed(error) {
      if (isNotFound(error)) return { error, milliseconds: Math.round(absentRetryMilliseconds * (1 + random() / 5)) };
      const asked = error instanceof ApiError ? (error.retryAfterSeconds ?? 0) * 1000 : 0;
      return { error, milliseconds: Math.max(backoff.next(), asked) };
    },
  };
}

/** Starts at once; see `Reflector` for waiting and ending. */
export function startReflector(options: ReflectorOptions): Reflector {
  const controller = new AbortController();
  const scopes: readonly (string | undefined)[] =
    options.namespaces === undefined || options.namespaces.length === 0 ? [undefined] : options.namespaces;
  const pending = new Set(scopes);
  const absentScopes = new Set<string | undefined>();
  const heard = new Map<string | undefined, number>();
  let resolveSynced = (): void => undefined;
  const synced = new Promise<void>((resolve) => (resolveSynced = resolve));

  const onRound = (namespace: string | undefined, absent: boolean): void => {
    const before = absentScopes.size > 0;
    if (absent) {
      absentScopes.add(namespace);
      heard.delete(namespace);
    } else absentScopes.delete(namespace);
    if (before !== absentScopes.size > 0) options.onAbsent?.(!before);
    if (!pending.delete(namespace) || pending.size > 0) return;
    options.store.markSynced();
    resolveSynced();
  };
  const running = scopes.map((namespace) =>
    runScope(
      createScope(
        options,
        { namespace, onHeard: () => void heard.set(namespace, options.clock.now()) },
        controller.signal,
      ),
      options,
      (absent) => onRound(namespace, absent),
    ),
  );
  return {
    synced,
    get absent() {
      return absentScopes.size > 0;
    },
    heardAt: (namespace) => heard.get(undefined) ?? (namespace === undefined ? undefined : heard.get(namespace)),
    async stop() {
      controller.abort();
      await Promise.all(running);
    },
  };
}
