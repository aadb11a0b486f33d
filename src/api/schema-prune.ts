/** Pruning, as the API server does it before it asks a webhook; whoever else asks may send any amount of unknown fields. */
import type { KubernetesObject } from './object.ts';
import { isClean } from './schema-quick.ts';
import { schemas } from './schemas.generated.ts';
import type { StructuralSchema } from './structural.ts';
import type { OwnKindName } from './types.generated.ts';

type Members = Readonly<Record<string, unknown>>;

const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Without fields of the spec that the schema does not know, at any depth; the same object when there are none. */
export function pruneSpec(kind: OwnKindName, object: KubernetesObject): KubernetesObject {
  if (isClean(kind, object)) return object;
  const schema = schemas[kind].properties?.['spec'];
  const { spec } = object;
  const pruned = schema === undefined ? spec : prune(schema, spec);
  return pruned === spec ? object : { ...object, spec: pruned };
}

function prune(schema: StructuralSchema, value: unknown): unknown {
  const { properties, items, values } = schema;
  if (Array.isArray(value)) {
    if (items === undefined) return value;
    const pruned = value.map((item) => prune(items, item));
    return pruned.some((item, index) => item !== value[index]) ? pruned : value;
  }
  if (!isMembers(value) || (properties === undefined && values === undefined)) return value;
  const names = Object.keys(value);
  const kept: [string, unknown][] = [];
  let changed = false;
  for (const name of names) {
    const inner = properties !== undefined && Object.hasOwn(properties, name) ? properties[name] : values;
    if (inner === undefined) {
      changed = true;
      continue;
    }
    const pruned = prune(inner, value[name]);
    if (pruned !== value[name]) changed = true;
    kept.push([name, pruned]);
  }
  return changed ? Object.fromEntries(kept) : value;
}
