/**
 * Whether a value is beyond doubt what its schema wants: known fields only, no nulls, nothing out of bounds. Compiled once
 * to small functions, so that the many good objects cost little. It never says what is wrong: where it has the least doubt
 * the full check and pruning look again, and theirs is the word that counts.
 */
import { isLonger } from './schema-check.ts';
import { patterns } from './schema-patterns.ts';
import { schemas } from './schemas.generated.ts';
import type { StructuralSchema } from './structural.ts';
import type { KubernetesObject } from './object.ts';
import type { OwnKindName } from './types.generated.ts';

type Test = (value: unknown) => boolean;

/** True: of `spec` nothing is to be pruned, and `validateSchema` finds no fault. False: who knows. */
export function isClean(kind: OwnKindName, object: KubernetesObject): boolean {
  const { spec } = object;
  if (typeof spec !== 'object' || spec === null) return false;
  if (found.get(spec) === kind) return true;
  const clean = tests[kind](spec);
  if (clean) found.set(spec, kind);
  return clean;
}

/** One review asks of the same specs several times, and nobody changes an object that was read. */
const found = new WeakMap<object, OwnKindName>();

function compile(schema: StructuralSchema): Test {
  if (schema.intOrString === true) {
    const [isText, isWhole] = [textTest(schema), wholeTest(schema)];
    return (value) => (typeof value === 'string' ? isText(value) : isWhole(value));
  }
  switch (schema.type) {
    case 'string':
      return textTest(schema);
    case 'integer':
      return wholeTest(schema);
    case 'boolean':
      return (value) => typeof value === 'boolean';
    case 'array':
      return listTest(schema);
    case 'object':
      return objectTest(schema);
    default:
      return () => false;
  }
}

function textTest({ enum: choices, minLength = 0, maxLength = Infinity, pattern, format }: StructuralSchema): Test {
  const form = pattern === undefined ? undefined : patterns.get(pattern);
  if (choices !== undefined) return (value) => typeof value === 'string' && choices.includes(value);
  if (format === 'date-time') return () => false;
  return (value) =>
    typeof value === 'string' &&
    value.length <= maxLength &&
    (minLength === 0 || isLonger(value, minLength - 1)) &&
    (form === undefined || form.test(value));
}

const wholeTest =
  ({ minimum = Number.MIN_SAFE_INTEGER, maximum = Number.MAX_SAFE_INTEGER }: StructuralSchema): Test =>
  (value) =>
    Number.isSafeInteger(value) && (value as number) >= minimum && (value as number) <= maximum;

function listTest({ items, minItems = 0, maxItems = Infinity, set, mapKeys }: StructuralSchema): Test {
  const isItem = compile(items ?? {});
  // Two items may be the same one.
  const most = set === true || mapKeys !== undefined ? 1 : maxItems;
  return (value) =>
    Array.isArray(value) &&
    value.length >= minItems &&
    value.length <= Math.min(most, maxItems) &&
    value.every((item) => isItem(item));
}

function objectTest({ properties, values, required = [], maxProperties = Infinity }: StructuralSchema): Test {
  const known = new Map(Object.entries(properties ?? {}).map(([name, schema]) => [name, compile(schema)]));
  const isValue = values === undefined ? undefined : compile(values);
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
    const names = Object.keys(value);
    if (names.length > maxProperties || !required.every((name) => Object.hasOwn(value, name))) return false;
    for (const name of names) {
      const test = known.get(name) ?? isValue;
      if (test?.((value as Readonly<Record<string, unknown>>)[name]) !== true) return false;
    }
    return true;
  };
}

const testOf = (kind: OwnKindName): Test => compile(schemas[kind].properties?.['spec'] ?? {});

const tests: Readonly<Record<OwnKindName, Test>> = {
  Database: testOf('Database'),
  DatabaseUser: testOf('DatabaseUser'),
  DatabaseBackup: testOf('DatabaseBackup'),
  DatabaseMonitor: testOf('DatabaseMonitor'),
  MultiTenantDatabase: testOf('MultiTenantDatabase'),
  RedisCluster: testOf('RedisCluster'),
};
