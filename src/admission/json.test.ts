import assert from 'node:assert/strict';
import { withoutNulls } from './json.ts';

describe('nulls of a manifest', () => {
  it('are taken out of objects at any depth, and stay in lists', () => {
    assert.deepEqual(withoutNulls({ a: null, b: [{ c: null, d: 1 }, null], e: { f: { g: null } } }), {
      b: [{ d: 1 }, null],
      e: { f: {} },
    });
  });

  it('leave everything else the same object', () => {
    const labels = { team: 'shop' };
    const given = { labels, list: [{ a: 1 }], gone: null };
    const cleaned = withoutNulls(given);
    assert.equal(cleaned.labels, labels);
    assert.equal(cleaned.list, given.list);
    assert.equal(withoutNulls(cleaned), cleaned);
  });

  it('leave a key named __proto__ what it is in JSON: a key', () => {
    const given = JSON.parse('{"__proto__":{"a":1},"b":null}') as object;
    const cleaned = withoutNulls(given);
    assert.deepEqual(Object.keys(cleaned), ['__proto__']);
    assert.equal(Object.getPrototypeOf(cleaned), Object.prototype);
  });
});
