/**
 * Where in a YAML text a finding's field stands: the key itself, or, where it is missing, the nearest thing above it that was
 * written. Editors and code hosts put their mark there.
 */
import { isAlias, isMap, isScalar, isSeq, type Document, type LineCounter, type Node } from 'yaml';
import { stepsOf } from '../admission/json.ts';

export interface Position {
  /** From 1. */
  readonly line: number;
  readonly column: number;
}

/** `spec.tenants[0].name` → its place; '' is the object itself. */
export type Locate = (field: string) => Position;

type Path = readonly (string | number)[];

/** `root` leads to the object within the document: none, or `items` and a number. */
export function locator(document: Document, lines: LineCounter, root: Path = []): Locate {
  return (field) => {
    let node: unknown = document.contents;
    let offset = startOf(node) ?? 0;
    for (const step of [...root, ...(field === '' ? [] : stepsOf(field))]) {
      const found = descend(resolved(node, document), String(step));
      if (found === undefined) break;
      offset = found.offset;
      node = found.node;
    }
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
}

const startOf = (node: unknown): number | undefined => (node as Node | null | undefined)?.range?.[0];

const resolved = (node: unknown, document: Document): unknown => (isAlias(node) ? node.resolve(document) : node);

function descend(node: unknown, step: string): { readonly offset: number; readonly node: unknown } | undefined {
  if (isSeq(node)) {
    const item = node.items[Number(step)];
    const offset = startOf(item);
    return offset === undefined ? undefined : { offset, node: item };
  }
  if (!isMap(node)) return undefined;
  const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === step);
  const offset = startOf(pair?.key);
  return pair === undefined || offset === undefined ? undefined : { offset, node: pair.value };
}
