/** A binary heap. `before` must be a strict order that never changes for entries inside. */
export interface Heap<T> {
  push(value: T): void;
  pop(): T | undefined;
  peek(): T | undefined;
  readonly size: number;
}

export function makeHeap<T>(before: (a: T, b: T) => boolean): Heap<T> {
  const values: T[] = [];
  const at = (index: number): T => values[index] as T;
  const swap = (a: number, b: number): void => {
    const value = at(a);
    values[a] = at(b);
    values[b] = value;
  };

  const sink = (start: number): void => {
    for (let index = start; ;) {
      const [left, right] = [2 * index + 1, 2 * index + 2];
      let best = index;
      if (left < values.length && before(at(left), at(best))) best = left;
      if (right < values.length && before(at(right), at(best))) best = right;
      if (best === index) return;
      swap(index, best);
      index = best;
    }
  };

  return {
    push(value) {
      values.push(value);
      for (let index = values.length - 1; index > 0;) {
        const parent = (index - 1) >> 1;
        if (!before(at(index), at(parent))) return;
        swap(index, parent);
        index = parent;
      }
    },
    pop() {
      const top = values[0];
      const last = values.pop();
      if (values.length > 0 && last !== undefined) {
        values[0] = last;
        sink(0);
      }
      return top;
    },
    peek: () => values[0],
    get size() {
      return values.length;
    },
  };
}
