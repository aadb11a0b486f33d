/** Sizes in configuration files. Bytes throughout. */

export const KiB = 1024;
export const MiB = 1024 * KiB;
export const GiB = 1024 * MiB;

export const clamp = (value: number, least: number, most: number): number => Math.max(least, Math.min(value, most));

/** Down to a whole multiple of `step`, but not below one step. */
export const roundDown = (bytes: number, step: number): number => Math.max(1, Math.floor(bytes / step)) * step;

/** `128M`, `64K`: units of 1024, as MySQL and Redis' `mb` mean them. Whole KiB at least. */
export function shortSize(bytes: number): string {
  if (bytes % GiB === 0) return `${bytes / GiB}G`;
  return bytes % MiB === 0 ? `${bytes / MiB}M` : `${Math.ceil(bytes / KiB)}K`;
}
