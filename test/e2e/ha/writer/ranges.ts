/** `1-3,7` of 1, 2, 3, 7 in any order; the empty string of none. */
export function ranges(numbers: Iterable<number>): string {
  const sorted = [...new Set(numbers)].sort((a, b) => a - b);
  const parts: string[] = [];
  for (let i = 0; i < sorted.length;) {
    let j = i;
    while (sorted[j + 1] === (sorted[j] ?? NaN) + 1) j++;
    parts.push(i === j ? String(sorted[i]) : `${sorted[i] ?? ''}-${sorted[j] ?? ''}`);
    i = j + 1;
  }
  return parts.join(',');
}

/** The inverse of `ranges`. */
export function fromRanges(text: string): Set<number> {
  const numbers = new Set<number>();
  for (const part of text.trim().split(',')) {
    if (part === '') continue;
    const [first, last = first] = part.split('-').map(Number);
    if (first === undefined || last === undefined || Number.isNaN(first) || Number.isNaN(last))
      throw new Error(`not a range of numbers: ${part.slice(0, 100)}`);
    for (let n = first; n <= last; n++) numbers.add(n);
  }
  return numbers;
}
