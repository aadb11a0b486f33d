/**
 * Is a CRD safe to apply over an older one? Objects that were stored under the old schema must be kept whole, mean the same
 * and stay editable: nothing is removed, renamed, tightened or given another default. What differs is told as sentences.
 */
import { isDeepStrictEqual } from 'node:util';

/** The part of a CustomResourceDefinition that is compared. */
export interface Definition {
  readonly spec: {
    readonly group: string;
    readonly scope: string;
    readonly names: Readonly<Record<string, unknown>>;
    readonly versions: readonly Version[];
  };
}

interface Version {
  readonly name: string;
  readonly served: boolean;
  readonly subresources?: unknown;
  readonly schema: { readonly openAPIV3Schema: Schema };
}

export interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema;
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly 'x-kubernetes-validations'?: readonly { readonly rule: string }[];
  readonly [keyword: string]: unknown;
}

/** What keeps `next` from being applied over `previous`, with the path of each; empty: nothing. */
export function notAdditive(previous: Definition, next: Definition): readonly string[] {
  const same = (['group', 'scope', 'names'] as const).filter(
    (field) => !isDeepStrictEqual(previous.spec[field], next.spec[field]),
  );
  const versions = previous.spec.versions.flatMap((version): readonly string[] => {
    const now = next.spec.versions.find(({ name }) => name === version.name);
    if (now === undefined || (version.served && !now.served)) return [`version ${version.name} is gone`];
    const subresources = isDeepStrictEqual(version.subresources, now.subresources)
      ? []
      : [`version ${version.name}: subresources differ`];
    return [...subresources, ...tightened(version.schema.openAPIV3Schema, now.schema.openAPIV3Schema, version.name)];
  });
  return [...same.map((field) => `spec.${field} differs`), ...versions];
}

/** Keywords whose change changes what a stored object means or how it is merged. */
const fixed = [
  'type',
  'format',
  'default',
  'x-kubernetes-int-or-string',
  'x-kubernetes-embedded-resource',
  'x-kubernetes-list-type',
  'x-kubernetes-list-map-keys',
  'x-kubernetes-map-type',
] as const;
/** Keywords that may go but neither come nor change. */
const droppable = ['pattern', 'not', 'oneOf', 'anyOf', 'allOf', 'multipleOf', 'uniqueItems'] as const;
/** Keywords that may come but not go. */
const keepable = ['nullable', 'x-kubernetes-preserve-unknown-fields'] as const;
const atLeast = ['maximum', 'maxLength', 'maxItems', 'maxProperties'] as const;
const atMost = ['minimum', 'minLength', 'minItems', 'minProperties'] as const;

function tightened(before: Schema, now: Schema, at: string): readonly string[] {
  const ruled = new Set((before['x-kubernetes-validations'] ?? []).map(({ rule }) => rule));
  const newRules = (now['x-kubernetes-validations'] ?? []).filter(({ rule }) => !ruled.has(rule));
  return [
    ...fixed.filter((word) => !isDeepStrictEqual(before[word], now[word])).map((word) => `${at}: ${word} differs`),
    ...droppable
      .filter((word) => now[word] !== undefined && !isDeepStrictEqual(before[word], now[word]))
      .map((word) => `${at}: ${word} is new or differs`),
    ...keepable.filter((word) => before[word] === true && now[word] !== true).map((word) => `${at}: ${word} is gone`),
    ...atLeast.filter((word) => isTighter(before[word], now[word], -1)).map((word) => `${at}: ${word} is tighter`),
    ...atMost.filter((word) => isTighter(before[word], now[word], 1)).map((word) => `${at}: ${word} is tighter`),
    ...values(before.enum, now.enum).map((value) => `${at}: ${JSON.stringify(value)} is no longer allowed`),
    ...(before.enum === undefined && now.enum !== undefined ? [`${at}: enum is new`] : []),
    ...(now.required ?? [])
      .filter((name) => before.required?.includes(name) !== true)
      .map((name) => `${at}.${name} has become required`),
    ...newRules.map(({ rule }) => `${at}: a new rule: ${rule}`),
    ...children(before, now, at),
  ];
}

function isTighter(before: unknown, now: unknown, direction: 1 | -1): boolean {
  if (typeof now !== 'number') return false;
  return typeof before !== 'number' || (now - before) * direction > 0;
}

const values = (before: readonly unknown[] | undefined, now: readonly unknown[] | undefined): readonly unknown[] =>
  now === undefined ? [] : (before ?? []).filter((value) => !now.includes(value));

function children(before: Schema, now: Schema, at: string): readonly string[] {
  const properties = Object.entries(before.properties ?? {}).flatMap(([name, schema]) => {
    const other = now.properties?.[name];
    return other === undefined
      ? [`${at}.${name} is gone: what is stored there would be pruned`]
      : tightened(schema, other, `${at}.${name}`);
  });
  const parts = (['items', 'additionalProperties'] as const).flatMap((word) => {
    const [old, other] = [before[word], now[word]];
    if (old === undefined)
      return other === undefined || before.properties === undefined ? [] : [`${at}: ${word} is new`];
    return other === undefined ? [`${at}: ${word} is gone`] : tightened(old, other, `${at}[]`);
  });
  return [...properties, ...parts];
}
