/** In which fields two specs differ, as finely as it can be said; lists count as one value. */

import type { Fingerprint } from '../desired/hash.ts';

type Json = Readonly<Record<string, unknown>>;

export interface Field {
  readonly path: readonly string[];
  /** `spec.config.parameters[work_mem]` */
  readonly name: string;
  /** Undefined: taken out. */
  readonly after: unknown;
}

/** Beyond this many, whole sections are named instead of their fields: each costs a plan. */
const most = 12;
/** Beyond this many sections nothing is named: the schema has fewer. */
const mostSections = 32;
/** Their members are keys of the user's. */
const maps = new Set(['parameters', 'requests', 'limits', 'labels', 'annotations', 'nodeSelector', 'matchLabels']);

/** In the order of the new spec; what was taken out stands at the end. */
export function changedFields(before: object, after: object): readonly Field[] {
  const all = walk(before as Json, after as Json, [], Infinity);
  if (all.length <= most) return all;
  const sections = walk(before as Json, after as Json, [], 1);
  return sections.length <= mostSections ? sections : [];
}

function walk(before: Json, after: Json, path: readonly string[], depth: number): Field[] {
  const keys = new Set([...Object.keys(after), ...Object.keys(before)]);
  return [...keys].flatMap((key): Field[] => {
    const [from, to] = [own(before, key), own(after, key)];
    const here = [...path, key];
    const deeper = isMap(to) && (isMap(from) || from === undefined) && Object.keys(to).length > 0;
    if (deeper && here.length < depth) return walk(from ?? {}, to, here, depth);
    return same(from, to) ? [] : [{ path: here, name: nameOf(here), after: to }];
  });
}

const isMap = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

/** A key may be called `constructor`: what every object inherits does not count. */
const own = (of: Json, key: string): unknown => (Object.hasOwn(of, key) ? of[key] : undefined);

const nameOf = (path: readonly string[]): string =>
  path.reduce((name, key, index) => (maps.has(path[index - 1] ?? '') ? `${name}[${key}]` : `${name}.${key}`), 'spec');

/** Equal as JSON, whatever the order of members. */
export function same(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (Array.isArray(left) && Array.isArray(right))
    return left.length === right.length && left.every((item, index) => same(item, right[index]));
  if (!isMap(left) || !isMap(right)) return false;
  let shared = 0;
  for (const key of Object.keys(left)) {
    const isShared = Object.hasOwn(right, key);
    if (isShared) shared += 1;
    if (!same(left[key], isShared ? right[key] : undefined)) return false;
  }
  const others = Object.keys(right);
  return shared === others.length || others.every((key) => right[key] === undefined || Object.hasOwn(left, key));
}

/** Names of the members in which two differ, and of those below them: `storage` and `storage.size`. */
export function differing(before: object, after: object): ReadonlySet<string> {
  const [left, right] = [before as Json, after as Json];
  const names = new Set<string>();
  for (const key of unlike(left, right)) {
    names.add(key);
    const [from, to] = [own(left, key), own(right, key)];
    for (const inner of unlike(isMap(from) ? from : {}, isMap(to) ? to : {})) names.add(`${key}.${inner}`);
  }
  return names;
}

const unlike = (left: Json, right: Json): readonly string[] =>
  [...new Set([...Object.keys(left), ...Object.keys(right)])].filter((key) => !same(own(left, key), own(right, key)));

/**
 * Tells contents of one comparison apart by looking at them, which is quicker than hashing the few that there are. What it
 * says holds among its own answers only.
 */
export function comparing(): Fingerprint {
  const known: unknown[] = [];
  return (value) => {
    const at = known.findIndex((other) => same(other, value));
    return String(at >= 0 ? at : known.push(value) - 1);
  };
}

/** A copy with another value in one place; undefined takes it out. */
export function withField(object: object, [key = '', ...rest]: readonly string[], value: unknown): object {
  const inner = own(object as Json, key);
  const next = rest.length === 0 ? value : withField(isMap(inner) ? inner : {}, rest, value);
  return Object.fromEntries(
    Object.entries({ ...object, [key]: next }).filter(([name, member]) => name !== key || member !== undefined),
  );
}

/** The same value with the members of its objects in order; itself where they are. */
export function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map(sorted);
    return items.every((item, index) => item === value[index]) ? value : items;
  }
  if (!isMap(value)) return value;
  const keys = Object.keys(value);
  const inOrder = keys.every((key, index) => index === 0 || (keys[index - 1] ?? '') < key);
  const members = keys.map((key): [string, unknown] => [key, sorted(value[key])]);
  if (inOrder && members.every(([key, member]) => member === value[key])) return value;
  return Object.fromEntries(inOrder ? members : members.sort(([a], [b]) => (a < b ? -1 : 1)));
}
