/** Randomness from a seed: the same seed is the same case, on every machine. */

export interface Random {
  /** A whole number below `limit`. */
  below(limit: number): number;
  /** True `percent` times in a hundred. */
  chance(percent: number): boolean;
  pick<T>(from: readonly T[]): T;
}

/** mulberry32: small, quick, and good enough to choose mutations. */
export function randomOf(seed: number): Random {
  let state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    below,
    chance: (percent) => below(100) < percent,
    pick: (from) => from[below(from.length)] as (typeof from)[number],
  };
}
