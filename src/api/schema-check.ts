/**
 * One value against one schema, as the API server checks it: a null in an object counts as absent, a value of a wrong type
 * is told once and not looked into, of a string only the first fault is told. The texts are the API server's own, with the
 * remedy behind them.
 */
import { patterns } from './schema-patterns.ts';
import * as remedy from './schema-remedy.ts';
import type { StructuralSchema } from './structural.ts';

/** metav1.CauseType of what a schema can find. */
export type SchemaCause =
  | 'FieldValueRequired'
  | 'FieldValueInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueDuplicate'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'FieldValueTypeInvalid';

export interface SchemaFault {
  /** `spec.a[0].b`, keys of maps as `spec.config.parameters[work_mem]`. */
  readonly field: string;
  readonly reason: SchemaCause;
  /** As in `details.causes[].message`: without the field, with the remedy behind `; `. */
  readonly message: string;
}

type JsonObject = Readonly<Record<string, unknown>>;

const largestInt64 = 2 ** 63;
/** Longest piece of a value that a message repeats. */
const longestEcho = 200;

export function checkValue(schema: StructuralSchema, value: unknown, field: string): readonly SchemaFault[] {
  const mistyped = typeFault(schema, value, field);
  if (mistyped !== undefined) return [mistyped];
  if (typeof value === 'string') return one(stringFault(schema, value, field));
  if (typeof value === 'number') return one(rangeFault(schema, value, field));
  if (Array.isArray(value)) return checkList(schema, value, field);
  return isObject(value) ? checkObject(schema, value, field) : [];
}

const one = (fault: SchemaFault | undefined): readonly SchemaFault[] => (fault === undefined ? [] : [fault]);

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** JSON types by the API server's names; a number that int64 can't hold is no integer. */
function typeOf(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value !== 'number') return typeof value;
  return Number.isInteger(value) && Math.abs(value) < largestInt64 ? 'integer' : 'number';
}

function typeFault(schema: StructuralSchema, value: unknown, field: string): SchemaFault | undefined {
  const actual = typeOf(value);
  if (schema.intOrString === true ? actual === 'integer' || actual === 'string' : schema.type === actual) {
    return undefined;
  }
  const wanted = schema.intOrString === true ? 'integer,string' : (schema.type ?? actual);
  if (wanted === actual || (wanted === 'number' && actual === 'integer')) return undefined;
  const isFraction = wanted === 'integer' && actual === 'number';
  // The API server names the format instead of the type where that is what fails.
  const [asked, got] = isFraction ? [schema.format ?? wanted, 'float64'] : [wanted, actual];
  const inDateTime = schema.format === 'date-time' && actual === 'integer';
  return {
    field,
    reason: 'FieldValueTypeInvalid',
    message: inDateTime
      ? ofType(field, 'date-time', 'int64', remedy.dateTime)
      : ofType(field, asked, got, remedy.type(wanted, value, Object.keys(schema.properties ?? {}))),
  };
}

const ofType = (field: string, wanted: string, actual: string, hint: string): string => {
  const got = echo(actual);
  return `Invalid value: ${got}: ${dotted(field)} in body must be of type ${wanted}: ${got}; ${hint}`;
};

function stringFault(schema: StructuralSchema, value: string, field: string): SchemaFault | undefined {
  if (schema.enum !== undefined && !schema.enum.includes(value)) {
    const supported = schema.enum.map((each) => JSON.stringify(each)).join(', ');
    const message = `Unsupported value: ${echo(value)}: supported values: ${supported}${remedy.nearest(value, schema.enum)}`;
    return { field, reason: 'FieldValueNotSupported', message };
  }
  const { maxLength, minLength, pattern } = schema;
  if (maxLength !== undefined && isLonger(value, maxLength)) {
    return { field, reason: 'FieldValueTooLong', message: `Too long: may not be more than ${maxLength} bytes` };
  }
  if (minLength !== undefined && (value.length < minLength || !isLonger(value, minLength - 1))) {
    return invalid(field, value, `should be at least ${minLength} chars long`);
  }
  if (pattern !== undefined && patterns.get(pattern)?.test(value) === false) {
    return invalid(field, value, `should match '${pattern}'; ${remedy.pattern(pattern)}`);
  }
  if (schema.format === 'date-time' && !isDateTime(value)) {
    return { field, reason: 'FieldValueTypeInvalid', message: ofType(field, 'date-time', value, remedy.dateTime) };
  }
  return undefined;
}

/** Characters are counted, and only where the answer depends on them. */
export const isLonger = (value: string, characters: number): boolean =>
  value.length > characters && (value.length > 2 * characters || Array.from(value).length > characters);

/** RFC 3339 with a `T` and an offset, of a day that exists. Leap seconds are refused, as Go does. */
function isDateTime(value: string): boolean {
  const parts = /^(\d{4})-(\d\d)-(\d\d)[Tt]([01]\d|2[0-3]):[0-5]\d:[0-5]\d([.]\d+)?([Zz]|[+-]\d\d:\d\d)$/.exec(value);
  if (parts === null) return false;
  const [year, month, day] = [Number(parts[1]), Number(parts[2]), Number(parts[3])];
  const last = new Date(Date.UTC(year === 0 ? 400 : year, month, 0)).getUTCDate();
  return month >= 1 && month <= 12 && day >= 1 && day <= last;
}

function rangeFault({ minimum, maximum }: StructuralSchema, value: number, field: string): SchemaFault | undefined {
  if (minimum !== undefined && value < minimum) {
    return invalid(field, value, `should be greater than or equal to ${minimum}`);
  }
  if (maximum !== undefined && value > maximum) {
    return invalid(field, value, `should be less than or equal to ${maximum}`);
  }
  return undefined;
}

function checkList(schema: StructuralSchema, list: readonly unknown[], field: string): readonly SchemaFault[] {
  const { minItems, maxItems, items } = schema;
  if (maxItems !== undefined && list.length > maxItems) return [tooMany(field, list.length, maxItems)];
  const faults: SchemaFault[] = [];
  if (minItems !== undefined && list.length < minItems) {
    faults.push(invalid(field, list.length, `should have at least ${minItems} items`));
  }
  if (items !== undefined) {
    list.forEach((item, index) => faults.push(...checkValue(items, item, `${field}[${index}]`)));
  }
  return [...faults, ...duplicates(schema, list, field)];
}

function duplicates(schema: StructuralSchema, list: readonly unknown[], field: string): readonly SchemaFault[] {
  const { set, mapKeys } = schema;
  if (set !== true && mapKeys === undefined) return [];
  const seen = new Set<string>();
  return list.flatMap((item, index): SchemaFault[] => {
    const key = mapKeys === undefined ? JSON.stringify(item) : keyOf(item, mapKeys);
    if (key === undefined || !seen.has(key)) {
      if (key !== undefined) seen.add(key);
      return [];
    }
    const message = `Duplicate value: ${key.length > longestEcho ? `${key.slice(0, longestEcho)}…` : key}; remove one of the two`;
    return [{ field: `${field}[${index}]`, reason: 'FieldValueDuplicate', message }];
  });
}

/** Undefined for an item that lacks a key: that is another fault. */
function keyOf(item: unknown, keys: readonly string[]): string | undefined {
  if (!isObject(item) || !keys.every((key) => Object.hasOwn(item, key))) return undefined;
  return JSON.stringify(Object.fromEntries(keys.map((key) => [key, item[key]])));
}

function checkObject(schema: StructuralSchema, object: JsonObject, field: string): readonly SchemaFault[] {
  const { maxProperties, properties, values, required } = schema;
  const isGiven = (name: string): boolean =>
    Object.hasOwn(object, name) && object[name] !== null && object[name] !== undefined;
  const names = Object.keys(object).filter(isGiven);
  if (maxProperties !== undefined && names.length > maxProperties) return [tooMany(field, names.length, maxProperties)];
  const missing = required?.filter((name) => !isGiven(name)) ?? [];
  const faults = missing.map((name): SchemaFault => {
    const message = `Required value; ${remedy.required(name, field)}`;
    return { field: child(field, name), reason: 'FieldValueRequired', message };
  });
  for (const name of names) {
    const known = properties !== undefined && Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (known !== undefined) faults.push(...checkValue(known, object[name], child(field, name)));
    else if (values !== undefined) faults.push(...checkValue(values, object[name], `${field}[${name}]`));
  }
  return faults;
}

const child = (field: string, name: string): string => (field === '' ? name : `${field}.${name}`);

function tooMany(field: string, actual: number, most: number): SchemaFault {
  return { field, reason: 'FieldValueTooMany', message: `Too many: ${actual}: must have at most ${most} items` };
}

function invalid(field: string, value: string | number, detail: string): SchemaFault {
  return {
    field,
    reason: 'FieldValueInvalid',
    message: `Invalid value: ${echo(value)}: ${dotted(field)} in body ${detail}`,
  };
}

const echo = (value: string | number): string =>
  typeof value === 'number'
    ? String(value)
    : JSON.stringify(value.length > longestEcho ? `${value.slice(0, longestEcho)}…` : value);

/** The API server writes keys of maps with a dot inside its messages. */
const dotted = (field: string): string => field.replaceAll(/\[(\D[^\]]*)\]/g, '.$1');
