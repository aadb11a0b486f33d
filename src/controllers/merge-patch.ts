/** RFC 7386: the smallest merge patch that turns `before` into `after`; undefined when they are equal. */
import { sameStatus } from '../api/conditions.ts';

type JsonMap = Readonly<Record<string, unknown>>;

const isMap = (value: unknown): value is JsonMap =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function mergePatchOf(before: JsonMap, after: JsonMap): JsonMap | undefined {
  const patch: Record<string, unknown> = {};
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [old, wanted] = [before[name], after[name]];
    if (sameStatus(old, wanted)) continue;
    if (wanted === undefined) patch[name] = null;
    else patch[name] = isMap(old) && isMap(wanted) ? mergePatchOf(old, wanted) : wanted;
  }
  return Object.keys(patch).length === 0 ? undefined : patch;
}
