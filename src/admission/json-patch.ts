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
export const pointer = (path: Path): string => path.reduce((place, name) => `${place}/${escaped(name)}`, '');

const escaped = (name: string): string =>
  name.includes('~') || name.includes('/') ? name.replaceAll('~', '~0').replaceAll('/', '~1') : name;

/** Operations that make `assignments` true of `object`, in their order, parents first. */
export function patchOf(object: JsonObject, assignments: readonly Assignment[]): JsonPatch {
  const patch: JsonPatch[number][] = [];
  const made = new Set<string>();
  for (const { path, value } of assignments) {
    let place = '';
    let present: unknown = object;
    for (const [depth, name] of path.entries()) {
      place = `${place}/${escaped(name)}`;
      present = getIn(present, [name]);
      const exists = made.has(place) || present !== undefined;
      if (depth === path.length - 1) patch.push({ op: exists ? 'replace' : 'add', path: place, value });
      else if (!made.has(place) && !isObject(present)) patch.push({ op: 'add', path: place, value: {} });
      else continue;
      made.add(place);
    }
  }
  return patch;
}
