/**
 * JSON Patch for our own paths, built by hand. A whole-object difference would re-emit what the user wrote, and with it
 * integers beyond 2^53 that JSON.parse has already rounded; and an operation whose parent is missing fails the user's
 * request even under failurePolicy Ignore.
 */
import { getIn, isObject } from './json.ts';
import type { JsonObject, Path } from './json.ts';

/** RFC 6902; what `kubernetes/client.ts` calls JsonPatch too. */
export type JsonPatch = readonly { readonly op: 'add' | 'replace'; readonly path: string; readonly value: unknown }[];

export interface Assignment {
  readonly path: Path;
  readonly value: unknown;
}

/** RFC 6901. */
export const pointer = (path: Path): string =>
  path.map((name) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

/** Operations that make `assignments` true of `object`, in their order, parents first. */
export function patchOf(object: JsonObject, assignments: readonly Assignment[]): JsonPatch {
  const made = new Set<string>();
  return assignments.flatMap(({ path, value }) => {
    const parents = path.slice(0, -1).flatMap((_, depth) => {
      const parent = path.slice(0, depth + 1);
      const place = pointer(parent);
      if (made.has(place) || isObject(getIn(object, parent))) return [];
      made.add(place);
      return [{ op: 'add', path: place, value: {} } as const];
    });
    const place = pointer(path);
    const exists = made.has(place) || getIn(object, path) !== undefined;
    made.add(place);
    return [...parents, { op: exists ? 'replace' : 'add', path: place, value } as const];
  });
}
