/**
 * From a text to slots, by a hash of 32 bits: sixteen bytes for each entry instead of the hundred of a Map with its key.
 * The texts are not kept, so that a slot which is found may be another's: whoever asks looks at what is in it.
 */

export interface HashIndex {
  add(hash: number, slot: number): void;
  /** Nothing happens when it is not there. */
  delete(hash: number, slot: number): void;
  /** Lowest first. */
  get(hash: number): readonly number[];
}

/** FNV-1a over UTF-16 code units; a signed whole number of 32 bits. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash | 0;
}

const NONE = -1;
const FIRST_SIZE = 64;

export function createHashIndex(): HashIndex {
  // Entries are numbered; a bucket holds its first, `next` the one after it. Free ones hang together in the same way.
  let buckets = new Int32Array(FIRST_SIZE).fill(NONE);
  let [hashes, slots, next] = [new Int32Array(FIRST_SIZE), new Int32Array(FIRST_SIZE), new Int32Array(FIRST_SIZE)];
  let used = 0;
  let free = NONE;

  const bucketOf = (hash: number): number => (hash >>> 0) % buckets.length;
  const link = (entry: number): void => {
    const bucket = bucketOf(hashes[entry] ?? 0);
    next[entry] = buckets[bucket] ?? NONE;
    buckets[bucket] = entry;
  };
  const grow = (): void => {
    const size = Math.ceil(hashes.length * 1.5);
    const larger = (old: Int32Array): Int32Array<ArrayBuffer> => {
      const array = new Int32Array(size);
      array.set(old);
      return array;
    };
    [hashes, slots, next] = [larger(hashes), larger(slots), larger(next)];
    buckets = new Int32Array(size).fill(NONE);
    // Only called when none is free, so that every entry is in use.
    for (let entry = 0; entry < used; entry++) link(entry);
  };
  const take = (): number => {
    if (free === NONE) {
      if (used === hashes.length) grow();
      return used++;
    }
    const entry = free;
    free = next[entry] ?? NONE;
    return entry;
  };

  return {
    add(hash, slot) {
      const entry = take();
      hashes[entry] = hash;
      slots[entry] = slot;
      link(entry);
    },
    delete(hash, slot) {
      const bucket = bucketOf(hash);
      let before = NONE;
      for (let entry = buckets[bucket] ?? NONE; entry !== NONE; entry = next[entry] ?? NONE) {
        if (hashes[entry] !== hash || slots[entry] !== slot) {
          before = entry;
          continue;
        }
        if (before === NONE) buckets[bucket] = next[entry] ?? NONE;
        else next[before] = next[entry] ?? NONE;
        next[entry] = free;
        free = entry;
        return;
      }
    },
    get(hash) {
      const found: number[] = [];
      for (let entry = buckets[bucketOf(hash)] ?? NONE; entry !== NONE; entry = next[entry] ?? NONE)
        if (hashes[entry] === hash) found.push(slots[entry] ?? NONE);
      return found.sort((a, b) => a - b);
    },
  };
}
