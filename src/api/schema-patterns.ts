/** The schemas' patterns, compiled once. All are anchored and linear, and run only on values within `maxLength`. */
import { schemas } from './schemas.generated.ts';
import type { StructuralSchema } from './structural.ts';

function patternsOf(schema: StructuralSchema): readonly string[] {
  const children = [...Object.values(schema.properties ?? {}), schema.items, schema.values];
  const own = schema.pattern === undefined ? [] : [schema.pattern];
  return [...own, ...children.flatMap((child) => (child === undefined ? [] : patternsOf(child)))];
}

export const patterns: ReadonlyMap<string, RegExp> = new Map(
  Object.values(schemas)
    .flatMap(patternsOf)
    .map((pattern) => [pattern, new RegExp(pattern, 'u')]),
);
