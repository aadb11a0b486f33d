/**
 * The work queue. A key waits in it at most once; whoever is told twice works once. Priorities let a person's edit overtake
 * the thousands of keys of a restart; per-key backoff keeps one bad object from costing the others anything. A key that is
 * being worked on is locked: told again meanwhile, it is handed out once more after `done`, never to two workers at once.
 */
import type { Clock } from '../values/clock.ts';
import { makeHeap } from './heap.ts';
import { first, raise, sooner } from './queue-items.ts';
import type { Entry, Item } from './queue-items.ts';

/** Priority of news about a primary. */
export const HIGH_PRIORITY = 100;
/** Priority of a person's edit or a changed child. */
export const NORMAL_PRIORITY = 0;
/** Priority of keys from the first list after a start. */
export const LOW_PRIORITY = -100;

export interface AddOptions {
  /** Higher goes first; default NORMAL_PRIORITY. */
  readonly priority?: number;
  /** Not before so many milliseconds have passed; 0 or absent: at once. */
  readonly afterMs?: number;
}

export interface QueueObserver {
  onAdd?(): void;
  onRetry?(): void;
  /** Milliseconds between being ready and being handed out. */
  onHandOut?(waitedMs: number): void;
}

export interface Queue {
  add(key: string, options?: AddOptions): void;
  /** Adds after the key's backoff: 5 ms × 2^n, at most 1000 s. */
  addRateLimited(key: string, options?: { readonly priority?: number }): void;
  /** The next key that is ready, locked until `done`; undefined after `shutDown`. */
  next(): Promise<string | undefined>;
  done(key: string): void;
  /** Success: the backoff of the key begins anew. */
  forget(key: string): void;
  retries(key: string): number;
  /** Keys that are ready and not being worked on; waiting ones are not counted. */
  readonly length: number;
  shutDown(): void;
}

export interface QueueOptions {
  readonly clock: Clock;
  /** Default 5 ms and 1000 s, client-go's. */
  readonly baseDelayMs?: number;
  readonly maxDelayMs?: number;
  readonly observer?: QueueObserver;
}

export function makeQueue(options: QueueOptions): Queue {
  const { clock, baseDelayMs = 5, maxDelayMs = 1_000_000, observer = {} } = options;
  const items = new Map<string, Item>();
  const locked = new Set<string>();
  const failures = new Map<string, number>();
  // Entries are copies: one that no longer agrees with its item is stale and passed over.
  const ready = makeHeap<Entry>(first);
  const waiting = makeHeap<Entry>(sooner);
  const getters: ((key: string | undefined) => void)[] = [];
  let counter = 0;
  let closed = false;
  let timer: { at: number; cancel: () => void } | undefined;

  const current = (entry: Entry): boolean =>
    items.get(entry.item.key) === entry.item &&
    entry.priority === entry.item.priority &&
    entry.readyAt === entry.item.readyAt &&
    entry.order === entry.item.order;

  const file = (item: Item): void => {
    const entry = { item, priority: item.priority, readyAt: item.readyAt, order: item.order };
    (item.readyAt === undefined ? ready : waiting).push(entry);
  };

  const ripen = (item: Item): void => {
    item.since = item.readyAt ?? clock.now();
    item.readyAt = undefined;
    item.order = counter++;
  };

  const setTimer = (): void => {
    let head = waiting.peek();
    while (head !== undefined && !current(head)) {
      waiting.pop();
      head = waiting.peek();
    }
    const at = head?.readyAt;
    if (timer?.at === at) return;
    timer?.cancel();
    timer = undefined;
    if (at === undefined) return;
    const cancel = clock.after(Math.max(0, at - clock.now()), () => {
      timer = undefined;
      ripenDue();
    });
    timer = { at, cancel };
  };

  const ripenDue = (): void => {
    const now = clock.now();
    for (let head = waiting.peek(); head !== undefined && (head.readyAt ?? 0) <= now; head = waiting.peek()) {
      waiting.pop();
      if (!current(head)) continue;
      ripen(head.item);
      if (!locked.has(head.item.key)) file(head.item);
    }
    setTimer();
    handOut();
  };

  const handOut = (): void => {
    while (getters.length > 0) {
      const entry = ready.pop();
      if (entry === undefined) return;
      const { item } = entry;
      if (!current(entry) || locked.has(item.key)) continue;
      items.delete(item.key);
      locked.add(item.key);
      observer.onHandOut?.(Math.max(0, clock.now() - item.since));
      getters.shift()?.(item.key);
    }
  };

  const add = (key: string, { priority = NORMAL_PRIORITY, afterMs = 0 }: AddOptions = {}): void => {
    if (closed) return;
    observer.onAdd?.();
    const now = clock.now();
    const readyAt = afterMs > 0 ? now + afterMs : undefined;
    const item = items.get(key);
    if (item === undefined) {
      const fresh = { key, priority, readyAt, order: counter++, since: now };
      items.set(key, fresh);
      if (!locked.has(key)) file(fresh);
    } else if (!raise(item, priority, readyAt, { now, order: () => counter++ })) return;
    else if (!locked.has(key)) file(item);
    setTimer();
    handOut();
  };

  return {
    add,
    addRateLimited(key, { priority = NORMAL_PRIORITY } = {}) {
      const n = failures.get(key) ?? 0;
      failures.set(key, n + 1);
      observer.onRetry?.();
      // The exponent is capped before it is used: 2^n of a large n is Infinity.
      add(key, { priority, afterMs: Math.min(maxDelayMs, baseDelayMs * 2 ** Math.min(n, 40)) });
    },
    next() {
      if (closed) return Promise.resolve(undefined);
      return new Promise((resolve) => {
        getters.push(resolve);
        handOut();
      });
    },
    done(key) {
      if (!locked.delete(key)) return;
      const item = items.get(key);
      if (item === undefined) return;
      if (item.readyAt !== undefined && item.readyAt <= clock.now()) ripen(item);
      file(item);
      setTimer();
      handOut();
    },
    forget: (key) => void failures.delete(key),
    retries: (key) => failures.get(key) ?? 0,
    get length() {
      let count = 0;
      for (const item of items.values()) if (item.readyAt === undefined && !locked.has(item.key)) count++;
      return count;
    },
    shutDown() {
      closed = true;
      timer?.cancel();
      timer = undefined;
      items.clear();
      for (const getter of getters.splice(0)) getter(undefined);
    },
  };
}
