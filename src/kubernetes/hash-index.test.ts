import assert from 'node:assert/strict';
import { createHashIndex, hashOf } from './hash-index.ts';

describe('hash index', () => {
  it('finds all slots of a hash, lowest first', () => {
    const index = createHashIndex();
    for (const slot of [9, 3, 5]) index.add(7, slot);
    index.add(8, 1);
    assert.deepEqual(index.get(7), [3, 5, 9]);
    assert.deepEqual(index.get(8), [1]);
    assert.deepEqual(index.get(6), []);
  });

  it('forgets one slot and leaves the others, wherever in the chain it is', () => {
    for (const gone of [1, 2, 3]) {
      const index = createHashIndex();
      for (const slot of [1, 2, 3]) index.add(-5, slot);
      index.delete(-5, gone);
      index.delete(-5, 77);
      assert.deepEqual(
        index.get(-5),
        [1, 2, 3].filter((slot) => slot !== gone),
      );
    }
  });

  it('is as a Map of Sets through thousands of changes, with hashes that fall into one bucket', () => {
    const index = createHashIndex();
    const model = new Map<number, Set<number>>();
    let state = 1;
    const next = (limit: number): number => (state = (state * 48271) % 0x7fffffff) % limit;
    for (let step = 0; step < 20_000; step++) {
      const [hash, slot] = [(next(40) - 20) * 64, next(500)];
      const slots = model.get(hash) ?? new Set<number>();
      model.set(hash, slots);
      if (slots.delete(slot)) index.delete(hash, slot);
      else {
        slots.add(slot);
        index.add(hash, slot);
      }
    }
    for (const [hash, slots] of model)
      assert.deepEqual(
        index.get(hash),
        [...slots].sort((a, b) => a - b),
      );
  });

  it('hashes to signed 32 bits, differently for texts that differ a little', () => {
    assert.equal(hashOf(''), 0x811c9dc5 | 0);
    assert.notEqual(hashOf('shop/orders'), hashOf('shop/order'));
    assert.equal(hashOf('shop/orders') | 0, hashOf('shop/orders'));
  });
});
