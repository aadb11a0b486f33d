/** Reading and copying plain JSON without trusting its shape. */

export type JsonObject = Readonly<Record<string, unknown>>;
export type Path = readonly string[];

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Only own members count, so `__proto__` and `constructor` are ordinary names. */
export const memberOf = (object: JsonObject, name: string): unknown =>
  Object.hasOwn(object, name) ? object[name] : undefined;

/** The value at `path`, or undefined. */
export function getIn(value: unknown, path: Path): unknown {
  let current = value;
  for (const name of path) {
    if (!isObject(current)) return undefined;
    current = memberOf(current, name);
  }
  return current;
}

/**
 * Writes values into `root`, which must be a copy of its own: parents are created, and what lies below is copied before its
 * first change, once however often it is changed, so that the original stays as it was.
 */
export function assignerOf(root: JsonObject): (path: Path, value: unknown) => void {
  const owned: unknown[] = [root];
  return (path, value) => {
    let parent = root as Record<string, unknown>;
    const last = path.length - 1;
    for (const [depth, name] of path.entries()) {
      if (depth === last) {
        parent[name] = value;
        return;
      }
      const inner = memberOf(parent, name);
      const next = isObject(inner) ? (owned.includes(inner) ? inner : { ...inner }) : {};
      if (next !== inner) owned.push(next);
      parent[name] = next;
      parent = next;
    }
  };
}

/** Deep equality of JSON values; the order of members does not count. */
export function sameJson(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (Array.isArray(left) || Array.isArray(right)) {
    if (!Array.isArray(left) || !Array.isArray(right) || left.length !== right.length) return false;
    return left.every((item, index) => sameJson(item, right[index]));
  }
  if (!isObject(left) || !isObject(right)) return false;
  const names = Object.keys(left);
  if (names.length !== Object.keys(right).length) return false;
  return names.every((name) => Object.hasOwn(right, name) && sameJson(left[name], right[name]));
}

/** Names and indices of a finding's field, in order. */
export const stepsOf = (field: string): Path =>
  [...field.matchAll(/(?:^|\.)([^.[\]]+)|\[([^\]]*)\]/g)].map(([, name, key]) => name ?? key ?? '');

/** A copy without what `field` speaks of; inside a list the whole list goes, so that indices never shift. */
export function without<T extends JsonObject>(object: T, field: string): T {
  return removeIn(object, stepsOf(field)) as T;
}

/** The same object when there is nothing to take out. */
function removeIn(object: JsonObject, [name, ...rest]: Path): JsonObject {
  if (name === undefined || !Object.hasOwn(object, name)) return object;
  const inner = object[name];
  if (rest.length > 0 && isObject(inner)) {
    const next = removeIn(inner, rest);
    return next === inner ? object : { ...object, [name]: next };
  }
  return Object.fromEntries(Object.entries(object).filter(([key]) => key !== name));
}

/** The value that a finding's field speaks of: `spec.tenants[0].name`, `spec.config.parameters[work_mem]`. */
export function atField(object: unknown, field: string): unknown {
  let current = object;
  for (const step of stepsOf(field)) {
    current = Array.isArray(current) ? (current[Number(step)] as unknown) : getIn(current, [step]);
  }
  return current;
}

/**
 * A copy without the nulls inside objects: the API server counts them as absent. What has none is shared with the original,
 * so that one null beside a large map costs no copy of the map.
 */
export function withoutNulls<T>(value: T): T {
  if (Array.isArray(value)) {
    const items = value.map(withoutNulls);
    return items.every((item, index) => item === value[index]) ? value : (items as T);
  }
  if (!isObject(value)) return value;
  const names = Object.keys(value);
  let kept: [string, unknown][] | undefined;
  for (const [index, name] of names.entries()) {
    const item = value[name];
    const next = typeof item === 'object' && item !== null ? withoutNulls(item) : item;
    if (item === null || next !== item) kept ??= names.slice(0, index).map((known) => [known, value[known]]);
    if (item !== null) kept?.push([name, next]);
  }
  return kept === undefined ? value : (Object.fromEntries(kept) as T);
}
