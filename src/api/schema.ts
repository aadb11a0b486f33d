/**
 * The CRDs' schemas without an API server: `/mutate` runs before the API server has looked at them, and files are checked
 * where there is none. An interpreter over the schemas as data, because it needs no generated code and no eval, tells all
 * faults in the API server's own words, and is small enough to read; a test compares it with ajv, another with a real API
 * server.
 */
import type { KubernetesObject } from './object.ts';
import { checkValue } from './schema-check.ts';
import { isClean } from './schema-quick.ts';
import type { SchemaFault } from './schema-check.ts';
import { schemas } from './schemas.generated.ts';
import type { StructuralSchema } from './structural.ts';
import type { OwnKindName } from './types.generated.ts';

export type { SchemaCause, SchemaFault } from './schema-check.ts';
export { unknownFields, type UnknownField } from './schema-fields.ts';

export const schemaKinds = Object.keys(schemas) as readonly OwnKindName[];

export const isOwnKind = (kind: string): kind is OwnKindName => Object.hasOwn(schemas, kind);

/** Every fault of `spec`, none hiding another. `status` is not looked at: what a user writes there is dropped. */
export function validateSchema(kind: OwnKindName, object: KubernetesObject): readonly SchemaFault[] {
  if (isClean(kind, object)) return [];
  const { spec } = schemas[kind].properties ?? {};
  return checkValue({ type: 'object', required: ['spec'], properties: { spec: spec ?? {} } }, object, '');
}

/** The same of `status`, for what the operator itself writes. */
export function validateStatus(kind: OwnKindName, object: KubernetesObject): readonly SchemaFault[] {
  const { status } = schemas[kind].properties ?? {};
  return checkValue({ type: 'object', properties: { status: status ?? {} } }, object, '');
}

/** `spec.backup.enabled` → value: what the API server fills in where the parent is present. */
export function schemaDefaults(kind: OwnKindName): ReadonlyMap<string, unknown> {
  const found = new Map<string, unknown>();
  const visit = (schema: StructuralSchema, path: string): void => {
    if (schema.default !== undefined) found.set(path, schema.default);
    for (const [name, child] of Object.entries(schema.properties ?? {})) {
      visit(child, path === '' ? name : `${path}.${name}`);
    }
    if (schema.items !== undefined) visit(schema.items, `${path}[]`);
    if (schema.values !== undefined) visit(schema.values, `${path}[*]`);
  };
  visit(schemas[kind], '');
  return found;
}

/** The object as the API server would hand it to a webhook: nulls taken out of objects, defaults filled in. */
export function applySchemaDefaults<T extends KubernetesObject>(kind: OwnKindName, object: T): T {
  const { spec } = schemas[kind].properties ?? {};
  if (spec === undefined || !isRecord(object['spec'])) return object;
  return { ...object, spec: filled(spec, object['spec']) };
}

function filled(schema: StructuralSchema, value: unknown): unknown {
  if (Array.isArray(value)) {
    const { items } = schema;
    return items === undefined ? value : value.map((item: unknown) => filled(items, item));
  }
  if (!isRecord(value) || schema.type !== 'object') return value;
  const entries = Object.entries(value)
    .filter(([, child]) => child !== null)
    .map(([name, child]): [string, unknown] => [name, filled(childSchema(schema, name), child)]);
  for (const [name, child] of Object.entries(schema.properties ?? {})) {
    const isSet = Object.hasOwn(value, name) && value[name] !== null;
    if (!isSet && child.default !== undefined) entries.push([name, child.default]);
  }
  return Object.fromEntries(entries);
}

function childSchema(schema: StructuralSchema, name: string): StructuralSchema {
  const { properties = {}, values = {} } = schema;
  return (Object.hasOwn(properties, name) ? properties[name] : undefined) ?? values;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
