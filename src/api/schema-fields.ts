/** Fields that the schema does not know: the API server drops them silently, or warns; a person wants them named. */
import { closest } from '../values/nearest.ts';
import type { KubernetesObject } from './object.ts';
import { schemas } from './schemas.generated.ts';
import type { StructuralSchema } from './structural.ts';
import type { OwnKindName } from './types.generated.ts';

export interface UnknownField {
  readonly field: string;
  /** Name of the sibling that was probably meant. */
  readonly nearest?: string;
}

const freeMap: StructuralSchema = { type: 'object', values: {} };
const leaves = (...names: readonly string[]): Record<string, StructuralSchema> =>
  Object.fromEntries(names.map((name) => [name, {}]));

/** metav1.ObjectMeta. */
const metadata: StructuralSchema = {
  type: 'object',
  properties: {
    ...leaves('name', 'namespace', 'generateName', 'uid', 'resourceVersion', 'generation', 'selfLink', 'finalizers'),
    ...leaves('creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds', 'managedFields'),
    labels: freeMap,
    annotations: freeMap,
    ownerReferences: {
      items: {
        type: 'object',
        properties: leaves('apiVersion', 'kind', 'name', 'uid', 'controller', 'blockOwnerDeletion'),
      },
    },
  },
};

/** In the order of the object. A field is unknown once: what is inside it is not looked at. */
export function unknownFields(kind: OwnKindName, object: KubernetesObject): readonly UnknownField[] {
  const { properties } = schemas[kind];
  const whole: StructuralSchema = {
    type: 'object',
    properties: { ...leaves('apiVersion', 'kind'), metadata, ...properties },
  };
  return visit(whole, object, '');
}

function visit(schema: StructuralSchema, value: unknown, field: string): readonly UnknownField[] {
  if (Array.isArray(value)) {
    const { items } = schema;
    if (items === undefined) return [];
    return value.flatMap((item, index) => visit(items, item, `${field}[${index}]`));
  }
  const { properties, values } = schema;
  if (typeof value !== 'object' || value === null || (properties === undefined && values === undefined)) return [];
  return Object.entries(value).flatMap(([name, child]): readonly UnknownField[] => {
    if (values !== undefined) return visit(values, child, `${field}[${name}]`);
    const path = field === '' ? name : `${field}.${name}`;
    const known = properties !== undefined && Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (known !== undefined) return visit(known, child, path);
    const nearest = closest(name, Object.keys(properties ?? {}));
    return [nearest === undefined ? { field: path } : { field: path, nearest }];
  });
}
