/**
 * MySQL's GTID sets: `uuid:1-5:7,uuid:tag:1-3` (tags since 8.3). What a server has executed is such a set, so two
 * servers' histories are compared as sets are.
 */
import type { PositionOrder } from '../engine.ts';

/** First and last, both included. */
type Interval = readonly [number, number];
/** `uuid` or `uuid:tag` → rising intervals that don't touch. */
export type GtidSet = ReadonlyMap<string, readonly Interval[]>;

/** Throws on text that is no GTID set. Upper case and white space are as good. */
export function parseGtidSet(text: string): GtidSet {
  const found = new Map<string, Interval[]>();
  for (const group of text.toLowerCase().replaceAll(/\s/g, '').split(',').filter(Boolean)) {
    const [uuid = '', ...rest] = group.split(':');
    if (!/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(uuid))
      throw new Error(`not a GTID set: ${text.slice(0, 200)}`);
    let source = uuid;
    for (const part of rest) {
      const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(part) ?? [];
      if (first === undefined) source = `${uuid}:${part}`;
      else found.set(source, [...(found.get(source) ?? []), [Number(first), Number(last)]]);
    }
  }
  return normal(found);
}

/** Sorted, joined where they touch, without what is empty. */
function normal(sets: ReadonlyMap<string, readonly Interval[]>): GtidSet {
  const result = new Map<string, Interval[]>();
  for (const [source, intervals] of sets) {
    const joined: [number, number][] = [];
    for (const [first, last] of intervals.filter(([a, b]) => a <= b).toSorted(([a], [b]) => a - b)) {
      const before = joined.at(-1);
      if (before !== undefined && first <= before[1] + 1) before[1] = Math.max(before[1], last);
      else joined.push([first, last]);
    }
    if (joined.length > 0) result.set(source, joined);
  }
  return result;
}

export function unite(a: GtidSet, b: GtidSet): GtidSet {
  const all = new Map<string, readonly Interval[]>(a);
  for (const [source, intervals] of b) all.set(source, [...(all.get(source) ?? []), ...intervals]);
  return normal(all);
}

/** What is in `a` and not in `b`. */
export function subtract(a: GtidSet, b: GtidSet): GtidSet {
  const result = new Map<string, Interval[]>();
  for (const [source, intervals] of a) {
    let left: Interval[] = [...intervals];
    for (const [first, last] of b.get(source) ?? []) {
      left = left.flatMap(([from, to]): Interval[] =>
        last < from || first > to
          ? [[from, to]]
          : [
              [from, Math.min(to, first - 1)],
              [Math.max(from, last + 1), to],
            ],
      );
    }
    result.set(source, left);
  }
  return normal(result);
}

/** In one spelling: equal sets give equal text. */
export const formatGtidSet = (set: GtidSet): string =>
  [...set]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([source, intervals]) =>
      [source, ...intervals.map(([first, last]) => (first === last ? String(first) : `${first}-${last}`))].join(':'),
    )
    .join(',');

export function compareGtidSets(a: GtidSet, b: GtidSet): PositionOrder {
  const more = subtract(a, b).size > 0;
  const less = subtract(b, a).size > 0;
  if (more) return less ? 'diverged' : 'ahead';
  return less ? 'behind' : 'equal';
}
