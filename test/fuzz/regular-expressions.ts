/** Every regular expression literal of the product, and every pattern in its schemas, found by parsing, not by searching. */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { schemas } from '../../src/api/schemas.generated.ts';
import type { StructuralSchema } from '../../src/api/structural.ts';

export interface Expression {
  /** File and line, or kind and field. */
  readonly where: string;
  readonly regex: RegExp;
}

const source = path.resolve(import.meta.dirname, '../../src');

export function expressionsInSource(): readonly Expression[] {
  return globSync('**/*.ts', { cwd: source })
    .filter((file) => !file.endsWith('.test.ts'))
    .flatMap((file) => expressionsIn(file, readFileSync(path.join(source, file), 'utf8')));
}

export function expressionsIn(file: string, text: string): readonly Expression[] {
  const parsed = ts.createSourceFile(file, text, ts.ScriptTarget.Latest);
  const found: Expression[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) {
      const end = node.text.lastIndexOf('/');
      const line = parsed.getLineAndCharacterOfPosition(node.getStart(parsed)).line + 1;
      found.push({
        where: `src/${file}:${line}`,
        regex: new RegExp(node.text.slice(1, end), node.text.slice(end + 1)),
      });
    }
    ts.forEachChild(node, visit);
  };
  visit(parsed);
  return found;
}

export function patternsInSchemas(): readonly Expression[] {
  const found: Expression[] = [];
  const visit = (schema: StructuralSchema, where: string): void => {
    if (schema.pattern !== undefined) found.push({ where, regex: new RegExp(schema.pattern, 'u') });
    for (const [name, inner] of Object.entries(schema.properties ?? {})) visit(inner, `${where}.${name}`);
    if (schema.items !== undefined) visit(schema.items, `${where}[]`);
    if (schema.values !== undefined) visit(schema.values, `${where}[*]`);
  };
  for (const [kind, schema] of Object.entries(schemas)) visit(schema, kind);
  return found;
}

/**
 * Texts that make a backtracking engine try again and again: a run of what the expression speaks of, with a beginning that
 * matches and an end that does not.
 */
export function attacks({ source: pattern }: RegExp, length: number): readonly string[] {
  const literals = [
    ...new Set(pattern.replace(/\\[a-zA-Z]/g, '').match(/[A-Za-z0-9]+|[^A-Za-z0-9\\()[\]{}?*+|^$]/g) ?? []),
  ];
  const units = [...new Set(['a', '0', ' ', '.', '-', '_', '/', ':', '\n', '9.', 'a-', 'a.', '1h', ' a', ...literals])];
  return units.flatMap((unit) =>
    ['', 'a', '0', ...literals.slice(0, 6)].flatMap((prefix) =>
      ['', '!', '\u0000'].map((suffix) => prefix + unit.repeat(Math.ceil(length / unit.length)) + suffix),
    ),
  );
}

/** One of the attacks of this length takes longer, in milliseconds, three times in a row. */
export const isSlow = (regex: RegExp, length: number, limit: number, clock: () => number): boolean =>
  attacks(regex, length).some((text) => [1, 2, 3].every(() => timeOf(regex, text, clock) > limit));

function timeOf(regex: RegExp, text: string, clock: () => number): number {
  regex.lastIndex = 0;
  const start = clock();
  regex.test(text);
  return clock() - start;
}
