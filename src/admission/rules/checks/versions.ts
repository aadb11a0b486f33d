/** Versions that the catalogue does not have, for Database and RedisCluster. */
import { findVersion, isDowngrade } from '../../../engines/catalogue.ts';
import type { Engine } from '../../../engines/engine.ts';

/** What is wrong with a well-formed version and which one to take instead; undefined when the engine has it. */
export function versionFault({ catalogue, title }: Engine, version: string): string | undefined {
  const found = findVersion(catalogue, version);
  if (found.exists) return undefined;
  const lines = catalogue.lines.map(({ line }) => line);
  const [first] = lines;
  const why = found.newerThanKnown
    ? 'is newer than any that this operator knows'
    : first !== undefined && isDowngrade(first, version)
      ? `is older than ${first}, the first that this operator takes`
      : 'was never released';
  return `${title} ${version} ${why}; the nearest is "${found.nearest}" (release lines: ${lines.join(', ')})`;
}
