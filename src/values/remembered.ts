/**
 * What a pure function makes of a short text, kept for the next time: sizes, schedules and versions are few in a cluster,
 * and each is read by several rules. Whoever gets an answer shares it, so it must never be changed.
 */

/** Longer texts are no values of fields that are read this way, and would be a way to fill the memory. */
const longestText = 64;
const mostTexts = 512;

/** The same function, quicker for texts that it has met lately. */
export function remembered<T extends object>(make: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const made = make(text);
    if (text.length > longestText) return made;
    // Starting anew keeps it small without the cost of knowing what is oldest.
    if (known.size >= mostTexts) known.clear();
    known.set(text, made);
    return made;
  };
}
