/** One namespace of a reflector: what is known, from which version a watch may go on, and one round of reading. */
import type { KubernetesObject, Resource } from '../api/object.ts';
import type { Clock, Random } from '../values/clock.ts';
import type { KubernetesClient, ListPage, WatchEvent } from './client.ts';
import { ApiError, isExpired } from './errors.ts';
import type { MutableStore, Relisting } from './memory-store.ts';
import { apiErrorOf } from './status.ts';

export interface SessionOptions {
  readonly client: Pick<KubernetesClient, 'listPage' | 'watch'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly resource: Resource;
  readonly store: MutableStore;
  readonly namespace: string | undefined;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly metadataOnly?: boolean;
  readonly signal: AbortSignal;
  readonly shrink: (object: KubernetesObject) => KubernetesObject;
  /** The content is as of now: listed, or an event or a bookmark came. */
  readonly onHeard?: () => void;
}

export interface Session {
  /** Reads until the stream ends; `onListed` is called when the content is complete. Throws what went wrong. */
  round(onListed: () => void): Promise<void>;
  /** The next round lists again. */
  forgetVersion(): void;
  /** The resource is gone from the cluster: so is everything of it. */
  clear(): void;
}

/** A page is in memory twice while it is read, as text and as objects: a hundred ConfigMaps with scripts are 9 MiB of text. */
const PAGE = 100;
const INITIAL_EVENTS_END = 'k8s.io/initial-events-end';
/** Streams that end this soon without an event are failures: a proxy that closes at once must not make us spin. */
const SHORTEST_WATCH_MILLISECONDS = 1000;

const isRefusal = (error: unknown): boolean => error instanceof ApiError && (error.code === 400 || error.code === 422);

interface State {
  version: string | undefined;
  listedOnce: boolean;
  /** WatchList is not offered here: a paged list instead. */
  refused: boolean;
  /** WatchList streams in a row that ended before the initial state was complete. */
  cutShort: number;
}

/**
 * Page by page into the store; answers the list's version. A continue token that expired on the way is answered by one
 * unpaged list, as client-go's pager does.
 */
async function listAll(
  options: SessionOptions,
  selection: Parameters<KubernetesClient['listPage']>[1],
  relisting: Relisting,
): Promise<string> {
  let page: ListPage | undefined;
  do {
    const token = page?.continue;
    try {
      page = await options.client.listPage(options.resource, {
        ...selection,
        limit: PAGE,
        ...(token !== undefined && { continue: token }),
      });
    } catch (error) {
      if (token === undefined || !isExpired(error)) throw error;
      page = await options.client.listPage(options.resource, selection);
      relisting.restart();
    }
    if (selection.signal?.aborted === true) break;
    for (const item of page.items) relisting.put(options.shrink(item));
  } while (page.continue !== undefined && page.continue !== '');
  return page.resourceVersion;
}

export function createSession(options: SessionOptions): Session {
  const { clock, random, store, signal, namespace } = options;
  const state: State = { version: undefined, listedOnce: false, refused: false, cutShort: 0 };
  const selection = {
    signal,
    ...(namespace !== undefined && { namespace }),
    ...(options.labelSelector !== undefined && { labelSelector: options.labelSelector }),
    ...(options.fieldSelector !== undefined && { fieldSelector: options.fieldSelector }),
    ...(options.metadataOnly !== undefined && { metadataOnly: options.metadataOnly }),
  };
  const scope = namespace === undefined ? {} : { namespace };

  const relist = (): Relisting => store.relist({ ...scope, initial: !state.listedOnce });
  const listed = (relisting: Relisting, version: string | undefined, onListed: () => void): void => {
    relisting.end();
    state.version = version;
    state.listedOnce = true;
    state.cutShort = 0;
    options.onHeard?.();
    onListed();
  };
  const take = (event: WatchEvent): void => {
    if (event.type === 'DELETED') store.remove(options.shrink(event.object));
    else if (event.type !== 'BOOKMARK') store.upsert(options.shrink(event.object));
    state.version = event.object.metadata.resourceVersion ?? state.version;
    options.onHeard?.();
  };

  /** A watch; with `initial` the events are a list until the bookmark that completes them. */
  const follow = async (initial: Relisting | undefined, onListed: () => void): Promise<void> => {
    const openedAt = clock.now();
    let listing = initial;
    let events = 0;
    const stream = options.client.watch(options.resource, {
      ...selection,
      timeoutSeconds: 300 + Math.floor(random() * 300),
      ...(initial !== undefined ? { sendInitialEvents: true } : {}),
      ...(initial === undefined && state.version !== undefined ? { resourceVersion: state.version } : {}),
    });
    for await (const event of stream) {
      if (signal.aborted) return;
      if (event.type === 'ERROR') throw apiErrorOf(event.object);
      events += 1;
      if (listing === undefined) take(event);
      else if (event.type === 'DELETED') store.remove(options.shrink(event.object));
      else if (event.type !== 'BOOKMARK') listing.put(options.shrink(event.object));
      else if (endsInitial(event)) {
        listed(listing, event.object.metadata.resourceVersion, onListed);
        listing = undefined;
      }
    }
    if (signal.aborted) return;
    if (listing !== undefined) throw cutShort(state);
    if (events === 0 && clock.now() - openedAt < SHORTEST_WATCH_MILLISECONDS) throw tooShort();
  };

  const watchList = async (onListed: () => void): Promise<void> => {
    const relisting = relist();
    try {
      await follow(relisting, onListed);
    } catch (error) {
      if (state.version !== undefined || !isRefusal(error)) throw error;
      state.refused = true;
    } finally {
      relisting.abandon();
    }
  };
  const pagedList = async (onListed: () => void): Promise<void> => {
    const relisting = relist();
    try {
      const version = await listAll(options, selection, relisting);
      if (!signal.aborted) listed(relisting, version, onListed);
    } finally {
      relisting.abandon();
    }
  };

  return {
    async round(onListed) {
      if (state.version === undefined && !state.refused && state.cutShort < 2) return watchList(onListed);
      if (state.version === undefined) await pagedList(onListed);
      if (!signal.aborted) await follow(undefined, onListed);
    },
    forgetVersion: () => void (state.version = undefined),
    clear() {
      state.version = undefined;
      store.replace([], { ...scope, initial: !state.listedOnce });
    },
  };
}

const endsInitial = ({ object }: WatchEvent): boolean => object.metadata.annotations?.[INITIAL_EVENTS_END] === 'true';

function cutShort(state: State): ApiError {
  state.cutShort += 1;
  return new ApiError('watch ended before the initial state was complete', { code: 0, reason: 'WatchCutShort' });
}

const tooShort = (): ApiError =>
  new ApiError('watch ended at once without an event', { code: 0, reason: 'WatchCutShort' });
