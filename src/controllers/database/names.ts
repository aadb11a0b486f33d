/** Which of the names that a Database needs are free or its own, and who has the others. */
import type { Diagnosis } from '../../api/types.generated.ts';
import type { DesiredObject } from '../../desired/index.ts';
import { claimName } from '../../desired/names.ts';
import { keyOf } from '../../planning/observed.ts';
import type { Entry } from '../../planning/observed.ts';
import { standingOf } from '../../planning/standing.ts';
import type { Problem } from '../../status/standing.ts';
import type { Frame } from './decide.ts';

export interface Names {
  /** Wanted objects whose names are free or ours. */
  readonly wanted: readonly DesiredObject[];
  readonly ours: readonly Entry[];
  readonly problem?: Problem;
  readonly diagnosis: readonly Diagnosis[];
}

/** Objects whose names others have are left out of the plan, theirs and ours. */
export function sortNames(
  wanted: readonly DesiredObject[],
  { database, observation }: Pick<Frame, 'database' | 'observation'>,
): Names {
  const standings = observation.children.map((entry) => ({ entry, standing: standingOf(entry, database) }));
  const taken = standings.filter(({ standing }) => standing === 'foreign');
  const leaving = standings.filter(({ standing }) => standing === 'previous');
  const barred = new Set([...taken, ...leaving].map(({ entry }) => keyOf(entry)));
  const called = ({ entry }: { entry: Entry }): string => `${entry.resource.kind} ${entry.object.metadata.name}`;
  const wantedKeys = new Set(wanted.map(keyOf));
  const claims = new Set(
    Array.from({ length: database.spec.replicas ?? 1 }, (_, i) => claimName(database.metadata.name, i)),
  );
  const matters = ({ entry }: { entry: Entry }): boolean =>
    wantedKeys.has(keyOf(entry)) ||
    (entry.resource.kind === 'PersistentVolumeClaim' && claims.has(entry.object.metadata.name));
  const [first] = taken.filter(matters);
  const [waiting] = leaving.filter(matters);
  const conflict: Problem | undefined =
    first !== undefined
      ? {
          reason: 'NameConflict',
          message: `${called(first)} exists and is not this Database’s: rename or delete it, or choose another name for the Database`,
        }
      : waiting !== undefined
        ? {
            reason: 'WaitingForDeletion',
            message: `${called(waiting)} of a deleted Database of this name is still being removed`,
            waits: true,
          }
        : undefined;
  return {
    wanted: wanted.filter((desired) => !barred.has(keyOf(desired))),
    ours: standings.flatMap(({ entry, standing }) => (standing === 'ours' || standing === 'kept' ? [entry] : [])),
    ...(conflict !== undefined && { problem: conflict }),
    diagnosis: taken.filter(matters).map((one) => ({
      cause: 'A name is taken',
      evidence: `${called(one)} was not made for this Database`,
      action: `kubectl describe ${one.entry.resource.kind.toLowerCase()} ${one.entry.object.metadata.name}; rename or delete it`,
    })),
  };
}
