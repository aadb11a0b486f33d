/** What stands in the queue, in which order, and what becomes of an item that is added again. */

export interface Item {
  readonly key: string;
  priority: number;
  /** Milliseconds since the epoch; undefined: ready. */
  readyAt: number | undefined;
  /** Place within its priority. */
  order: number;
  /** When it became ready. */
  since: number;
}

export interface Entry {
  readonly item: Item;
  readonly priority: number;
  readonly readyAt: number | undefined;
  readonly order: number;
}

export const first = (a: Entry, b: Entry): boolean =>
  a.priority === b.priority ? a.order < b.order : a.priority > b.priority;
export const sooner = (a: Entry, b: Entry): boolean => {
  const [x, y] = [a.readyAt ?? 0, b.readyAt ?? 0];
  return x === y ? a.order < b.order : x < y;
};

export interface Moment {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** The tail of the line. */
  order(): number;
}

/** Whether the item changed: the highest priority and the shortest delay win. */
export function raise(item: Item, priority: number, readyAt: number | undefined, moment: Moment): boolean {
  let changed = false;
  if (priority > item.priority) {
    item.priority = priority;
    item.order = moment.order();
    changed = true;
  }
  if (item.readyAt !== undefined && (readyAt === undefined || readyAt < item.readyAt)) {
    if (readyAt === undefined) {
      item.since = moment.now;
      item.order = moment.order();
    }
    item.readyAt = readyAt;
    changed = true;
  }
  return changed;
}
