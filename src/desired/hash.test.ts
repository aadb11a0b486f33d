import assert from 'node:assert/strict';
import fc from 'fast-check';
import { canonicalJson, stableHash } from './hash.ts';

describe('the stable hash', () => {
  it('does not depend on the order of keys, and does on everything else', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).reverse());
        assert.equal(stableHash(reversed), stableHash(value));
        assert.notEqual(stableHash({ ...value, 'one more': 1 }), stableHash(value));
      }),
    );
  });

  it('takes undefined members for absent, as JSON does', () => {
    assert.equal(canonicalJson({ b: undefined, a: [undefined, 1] }), '{"a":[null,1]}');
  });
});
