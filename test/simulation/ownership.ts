/**
 * Server-side apply in small: who owns which leaf, what conflicts, and what goes when its last owner lets go. Lists that
 * Kubernetes merges by key are merged by key here; every other list, and selectors, are one value.
 */
type Json = unknown;
type JsonMap = Readonly<Record<string, Json>>;
/** Paths are field names and list keys joined by a character that is in neither. */
const SEPARATOR = '\u0000';

const listKeys: Readonly<Record<string, readonly string[]>> = {
  containers: ['name'],
  initContainers: ['name'],
  volumes: ['name'],
  env: ['name'],
  imagePullSecrets: ['name'],
  ports: ['port', 'containerPort', 'protocol'],
  volumeMounts: ['mountPath'],
  conditions: ['type'],
  ownerReferences: ['uid'],
  topologySpreadConstraints: ['topologyKey', 'whenUnsatisfiable'],
};
const atomicMaps = new Set(['selector', 'matchLabels', 'podSelector', 'namespaceSelector', 'nodeSelector', 'fieldRef']);

export const isMap = (value: Json): value is JsonMap =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const equal = (a: Json, b: Json): boolean => a === b || canonical(a) === canonical(b);

function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (!isMap(value)) return value === undefined ? 'null' : JSON.stringify(value);
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return `{${fields
    .map(([name, field]) => JSON.stringify(name) + canonical(field))
    .sort()
    .join(',')}}`;
}

/** The key of a list item, or undefined when the list is one value. */
function keyIn(list: string, item: Json): string | undefined {
  if (list === 'finalizers') return `=${String(item)}`;
  const names = listKeys[list];
  if (names === undefined || !isMap(item)) return undefined;
  const text = (value: Json): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');
  return `=${names.map((name) => text(item[name] ?? (name === 'protocol' ? 'TCP' : ''))).join('/')}`;
}

const isKeyed = (field: string, value: readonly Json[]): boolean =>
  value.length > 0 && value.every((item) => keyIn(field, item) !== undefined);

const nobodys = new Set(['apiVersion', 'kind', 'metadata', 'status']);

/** Leaf path → value. Identity fields are nobody's. */
export function leaves(object: JsonMap): Map<string, Json> {
  const found = new Map<string, Json>();
  const walk = (value: Json, path: string, field: string): void => {
    if (isMap(value) && !atomicMaps.has(field) && Object.keys(value).length > 0) {
      for (const [name, child] of Object.entries(value)) {
        if (child !== undefined) walk(child, path + SEPARATOR + name, name);
      }
    } else if (Array.isArray(value) && isKeyed(field, value)) {
      for (const item of value) walk(item, path + SEPARATOR + String(keyIn(field, item)), '');
    } else found.set(path, value);
  };
  const { metadata } = object;
  for (const [name, value] of Object.entries(object)) {
    if (!nobodys.has(name) && value !== undefined) walk(value, SEPARATOR + name, name);
  }
  if (isMap(metadata)) {
    for (const field of ['labels', 'annotations', 'finalizers', 'ownerReferences']) {
      if (metadata[field] !== undefined) walk(metadata[field], `${SEPARATOR}metadata${SEPARATOR}${field}`, field);
    }
  }
  return found;
}

/** `over` laid on `base`, list items matched by key. */
export function merge(base: Json, over: Json, field = ''): Json {
  if (isMap(base) && isMap(over) && !atomicMaps.has(field)) {
    const merged: Record<string, Json> = { ...base };
    for (const [name, value] of Object.entries(over)) {
      if (value !== undefined) merged[name] = name in base ? merge(base[name], value, name) : value;
    }
    return merged;
  }
  if (
    Array.isArray(base) &&
    Array.isArray(over) &&
    isKeyed(field, over) &&
    (base.length === 0 || isKeyed(field, base))
  ) {
    const items = new Map(base.map((item: Json) => [keyIn(field, item), item]));
    for (const item of over as Json[]) {
      const key = keyIn(field, item);
      items.set(key, items.has(key) ? merge(items.get(key), item) : item);
    }
    return [...items.values()];
  }
  return over;
}

/** The object without the leaf; parents that become empty go with it. */
export function without(value: Json, path: readonly string[], field = ''): Json {
  const [head, ...rest] = path;
  if (head === undefined) return undefined;
  if (Array.isArray(value)) {
    const items = (value as Json[]).flatMap((item) => {
      if (keyIn(field, item) !== head) return [item];
      const left = rest.length === 0 ? undefined : without(item, rest);
      return left === undefined ? [] : [left];
    });
    return items.length === 0 ? undefined : items;
  }
  if (!isMap(value) || !(head in value)) return value;
  const left = without(value[head], rest, head);
  const others = Object.fromEntries(Object.entries(value).filter(([name]) => name !== head));
  if (left !== undefined) return { ...others, [head]: left };
  return Object.keys(others).length === 0 ? undefined : others;
}

export const pathParts = (path: string): string[] => path.split(SEPARATOR).slice(1);

export type Managers = Map<string, Set<string>>;

/** Leaves of the intent that another manager owns with another value. */
export function conflicts(live: JsonMap, intent: JsonMap, managers: Managers, manager: string): string[] {
  const current = leaves(live);
  return [...leaves(intent)]
    .filter(([path, value]) => {
      if (!current.has(path) || equal(current.get(path), value)) return false;
      return [...managers].some(([name, owned]) => name !== manager && owned.has(path));
    })
    .map(([path]) => pathParts(path).join('.'));
}

/** The result of an apply and the new owners; the arguments are left alone. */
export function applyIntent(
  live: JsonMap,
  intent: JsonMap,
  managers: Managers,
  manager: string,
): { object: JsonMap; managers: Managers } {
  const wanted = leaves(intent);
  const current = leaves(live);
  const after: Managers = new Map([...managers].map(([name, owned]) => [name, new Set(owned)]));
  for (const [path, value] of wanted) {
    if (equal(current.get(path), value)) continue;
    for (const [name, owned] of after) if (name !== manager) owned.delete(path);
  }
  const before = managers.get(manager) ?? new Set<string>();
  after.set(manager, new Set(wanted.keys()));
  let object = merge(live, intent) as JsonMap;
  for (const path of before) {
    if (wanted.has(path) || [...after.values()].some((owned) => owned.has(path))) continue;
    object = (without(object, pathParts(path)) ?? {}) as JsonMap;
  }
  return { object, managers: after };
}

/** Owners after a plain write (PUT or PATCH) by `manager`: it owns what it changed, nobody owns what it removed. */
export function ownersAfterUpdate(before: JsonMap, after: JsonMap, managers: Managers, manager: string): Managers {
  const [old, now] = [leaves(before), leaves(after)];
  const result: Managers = new Map([...managers].map(([name, owned]) => [name, new Set(owned)]));
  const mine = result.get(manager) ?? new Set<string>();
  for (const path of old.keys()) if (!now.has(path)) for (const owned of result.values()) owned.delete(path);
  for (const [path, value] of now) {
    if (old.has(path) && equal(old.get(path), value)) continue;
    for (const owned of result.values()) owned.delete(path);
    mine.add(path);
  }
  return result.set(manager, mine);
}
