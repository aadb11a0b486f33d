/** Sizes as engines write them in their settings. */
import { GiB, KiB, MiB } from './sizes.ts';

const TiB = 1024 * GiB;

/** `8MB` and the like; `units` in bytes by their exact spelling. Undefined when it is no such size. */
export function settingBytes(value: string, units: ReadonlyMap<string, number>, bareUnit: number): number | undefined {
  const match = /^\s*([0-9]{1,15})\s*(?:([A-Za-z]{1,3})\s*)?$/.exec(value);
  if (match === null) return undefined;
  const unit = match[2] === undefined ? bareUnit : units.get(match[2]);
  return unit === undefined ? undefined : Number(match[1]) * unit;
}

/** PostgreSQL's units; their case counts. */
export const postgresUnits: ReadonlyMap<string, number> = new Map([
  ['B', 1],
  ['kB', KiB],
  ['MB', MiB],
  ['GB', GiB],
  ['TB', TiB],
]);

/** MySQL's and MariaDB's suffixes, in either case. */
export const mysqlUnits: ReadonlyMap<string, number> = new Map(
  [['K', KiB] as const, ['M', MiB] as const, ['G', GiB] as const, ['T', TiB] as const].flatMap(([suffix, bytes]) => [
    [suffix, bytes] as const,
    [suffix.toLowerCase(), bytes] as const,
  ]),
);

/** Redis' units: `k` is 1000, `kb` is 1024; case does not count. */
export const redisUnits: ReadonlyMap<string, number> = new Map([
  ['b', 1],
  ['k', 1000],
  ['kb', KiB],
  ['m', 1000 ** 2],
  ['mb', MiB],
  ['g', 1000 ** 3],
  ['gb', GiB],
]);
