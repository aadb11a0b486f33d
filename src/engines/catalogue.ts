/** Questions to a table of releases. A version may stand for several releases: `16` is the newest 16.x. */
import { remembered } from '../values/remembered.ts';
import { compareVersions, formatVersion, parseVersion } from '../values/version.ts';
import type { Catalogue, ReleaseLine } from './engine.ts';

export type VersionLookup =
  | {
      readonly exists: true;
      /** The line it belongs to; the newest when it could be several (`8` of MySQL). */
      readonly line: ReleaseLine;
      /** No patch is named, so an image of that tag moves on by itself. */
      readonly floating: boolean;
    }
  | {
      readonly exists: false;
      /** The nearest version that exists, with as many components. */
      readonly nearest: string;
      /** Above everything the table knows of its line, or of the engine: it may have come out later. */
      readonly newerThanKnown: boolean;
    };

const numbers = (text: string): readonly number[] => parseVersion(text)?.components ?? [];

/** Rising. */
export const sortedLines = (catalogue: Catalogue): readonly ReleaseLine[] =>
  [...catalogue.lines].sort((a, b) =>
    compareVersions({ components: numbers(a.line) }, { components: numbers(b.line) }),
  );

/** Of two versions in plain decimal: `8` begins `8.4` and itself, not `80`. */
const begins = (prefix: string, whole: string): boolean => whole === prefix || whole.startsWith(`${prefix}.`);

const lookups = new WeakMap<Catalogue, (version: string) => VersionLookup>();

/** `version` is as in `spec.version`; anything that is not one to three numbers does not exist. */
export function findVersion(catalogue: Catalogue, version: string): VersionLookup {
  const known = lookups.get(catalogue) ?? remembered((text) => lookUp(catalogue, text));
  lookups.set(catalogue, known);
  return known(version);
}

function lookUp(catalogue: Catalogue, version: string): VersionLookup {
  const parsed = parseVersion(version);
  if (parsed === undefined || formatVersion(parsed) !== version) return missing(catalogue, parsed?.components ?? []);
  const { components } = parsed;
  const line = catalogue.lines.findLast(({ line: own }) => begins(version, own) || begins(own, version));
  if (line === undefined || components.length > catalogue.lineComponents + 1) return missing(catalogue, components);
  const patch = components[catalogue.lineComponents];
  if (patch === undefined) return { exists: true, line, floating: true };
  return hasPatch(line, patch) ? { exists: true, line, floating: false } : missing(catalogue, components);
}

const hasPatch = (line: ReleaseLine, patch: number): boolean =>
  patch >= line.firstPatch && patch <= line.newestPatch && !(line.skipped ?? []).includes(patch);

/** The release that a version without a patch number stands for. */
export const newestOf = (line: ReleaseLine): string => `${line.line}.${line.newestPatch}`;

function missing(catalogue: Catalogue, components: readonly number[]): VersionLookup & { exists: false } {
  const { lines } = catalogue;
  const wanted = components.slice(0, catalogue.lineComponents);
  const at = { components: wanted };
  const below = lines.findLast((line) => compareVersions({ components: numbers(line.line) }, at) <= 0);
  const line = below ?? lines[0];
  const newest = lines.at(-1);
  if (line === undefined || newest === undefined) return { exists: false, nearest: '', newerThanKnown: false };
  const sameLine = numbers(line.line).join('.') === wanted.join('.');
  const patch = components[catalogue.lineComponents];
  const beyond = compareVersions(at, { components: numbers(newest.line) }) > 0 && components.length > 0;
  return {
    exists: false,
    nearest: nearestTo(line, patch, sameLine, catalogue.lineComponents),
    newerThanKnown: beyond || (sameLine && patch !== undefined && patch > line.newestPatch),
  };
}

function nearestTo(line: ReleaseLine, patch: number | undefined, sameLine: boolean, lineComponents: number): string {
  if (patch === undefined) return line.line.split('.').slice(0, lineComponents).join('.');
  if (!sameLine || patch > line.newestPatch) return newestOf(line);
  const first = Math.max(patch, line.firstPatch);
  for (let distance = 0; distance <= line.newestPatch; distance += 1) {
    if (hasPatch(line, first - distance)) return `${line.line}.${first - distance}`;
    if (hasPatch(line, first + distance)) return `${line.line}.${first + distance}`;
  }
  return newestOf(line);
}

/** Below the old version as far as both are written: 16.3 → 16 is none, 16 → 15.9 is. */
export function isDowngrade(from: string, to: string): boolean {
  const [a, b] = [numbers(from), numbers(to)];
  const length = Math.min(a.length, b.length);
  return compareVersions({ components: b.slice(0, length) }, { components: a.slice(0, length) }) < 0;
}

/** True when the two belong to different lines; unknown versions are compared by their numbers. */
export function isMajorChange(catalogue: Catalogue, from: string, to: string): boolean {
  const lineOf = (version: string): string => {
    const found = findVersion(catalogue, version);
    return found.exists ? found.line.line : numbers(version).slice(0, catalogue.lineComponents).join('.');
  };
  return lineOf(from) !== lineOf(to);
}

/** The day support ended, `YYYY-MM-DD`, when that is past; the day itself still counts as supported. */
export const endOfLife = ({ endOfLife: day }: ReleaseLine, now: Date): string | undefined =>
  day !== undefined && Date.parse(day) + dayMilliseconds <= now.getTime() ? day : undefined;

const dayMilliseconds = 86_400_000;
