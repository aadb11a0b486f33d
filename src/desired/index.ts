/** Everything that a Database becomes, dependants after what they depend on. */
import { StatefulSet } from '../api/resources.ts';
import type { Database } from '../api/types.generated.ts';
import type { Engine, EngineRuntime } from '../engines/engine.ts';
import type { Context, DesiredObject, Input } from './context.ts';
import { inputOf, parts, touchedSources } from './parts.ts';
import type { Part } from './parts.ts';

export type { Context, Credentials, DesiredObject, Ownership } from './context.ts';

export interface Desired {
  /** In the order in which they are to be made. Empty for an engine that has no runtime. */
  readonly objects: readonly DesiredObject[];
}

/** `database` with its defaults applied. Pure and deterministic: equal inputs give equal JSON, byte by byte. */
export function desiredObjects(database: Database, engine: Engine, context: Context): Desired {
  const { runtime } = engine;
  if (runtime === undefined) return { objects: [] };
  const input = inputOf(database, engine, context);
  return { objects: parts.flatMap((part) => built(part, input, runtime)) };
}

export interface Difference {
  readonly before: readonly DesiredObject[];
  readonly after: readonly DesiredObject[];
}

/**
 * Of two specs of one Database what may not be wanted alike, and the StatefulSet, on which members and volumes depend.
 * `changed`: names of the fields that differ, and of those below them as `storage.size`.
 */
export function desiredDifference(
  [before, after]: readonly [before: Database, after: Database],
  engine: Engine,
  context: Context,
  changed: ReadonlySet<string>,
): Difference {
  const { runtime } = engine;
  if (runtime === undefined) return { before: [], after: [] };
  const from = inputOf(before, engine, context);
  const to = inputOf(after, engine, context, from);
  const touched = touchedSources(from, to, changed);
  const difference: Record<keyof Difference, DesiredObject[]> = { before: [], after: [] };
  for (const part of parts) {
    const isTouched = part.reads.some((source) => touched.has(source));
    if (!isTouched && part.resource !== StatefulSet) continue;
    const old = built(part, from, runtime);
    difference.before.push(...old);
    difference.after.push(...(isTouched ? built(part, to, runtime) : old));
  }
  return difference;
}

const built = (part: Part, input: Input, runtime: EngineRuntime): readonly DesiredObject[] =>
  part.build(input, runtime).map((object) => ({
    resource: part.resource,
    object,
    ownership: part.ownership ?? 'apply',
    ...(part.optional === true && { optional: true }),
  }));
