/** "Did you mean …": the known word that was most likely meant. */

/**
 * Damerau-Levenshtein distance (optimal string alignment): inserting, deleting, changing a character or swapping two
 * neighbours costs 1. UTF-16 units.
 */
export function distance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const changed = a[i - 1] === b[j - 1] ? 0 : 1;
      let cost = Math.min((previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (previous[j - 1] ?? 0) + changed);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) cost = Math.min(cost, (before[j - 2] ?? 0) + 1);
      row.push(cost);
    }
    [before, previous] = [previous, row];
  }
  return previous[b.length] ?? 0;
}

/** Longer input is never compared: it could not be near anything, and the cost grows with the square. */
const longestWord = 64;

/**
 * The nearest of `known`, case aside, or undefined when none is near enough to be a slip: at most a third of the word's
 * letters wrong. Of several equally near the first wins.
 */
export function closest(word: string, known: Iterable<string>): string | undefined {
  if (word === '' || word.length > longestWord) return undefined;
  const lower = word.toLowerCase();
  let best: string | undefined;
  let least = Math.floor(word.length / 3) + (word.length < 3 ? 0 : 1);
  for (const candidate of known) {
    if (Math.abs(candidate.length - word.length) >= least) continue;
    const cost = distance(lower, candidate.toLowerCase());
    if (cost < least) [best, least] = [candidate, cost];
  }
  return best;
}

/** ` did you mean "postgresql"?`-like tail for a message, or ''. */
export function didYouMean(word: string, known: Iterable<string>): string {
  const candidate = closest(word, known);
  return candidate === undefined ? '' : `; did you mean ${JSON.stringify(candidate)}?`;
}
