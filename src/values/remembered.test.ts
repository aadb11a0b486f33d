import assert from 'node:assert/strict';
import { remembered } from './remembered.ts';

function counting(): { of: (text: string) => { text: string }; calls: () => number } {
  let calls = 0;
  const of = remembered((text) => {
    calls += 1;
    return { text };
  });
  return { of, calls: () => calls };
}

describe('remembered', () => {
  it('makes the answer to one text once', () => {
    const { of, calls } = counting();
    assert.equal(of('10Gi'), of('10Gi'));
    assert.deepEqual(of('__proto__'), { text: '__proto__' });
    assert.equal(calls(), 2);
  });

  it('keeps nothing of long texts', () => {
    const { of, calls } = counting();
    const long = 'x'.repeat(65);
    assert.deepEqual(of(long), of(long));
    assert.equal(calls(), 2);
  });

  it('stays small, whatever is asked', () => {
    const { of, calls } = counting();
    for (let n = 0; n <= 512; n += 1) of(String(n));
    of('512');
    assert.equal(calls(), 513);
    of('0');
    assert.equal(calls(), 514, 'the oldest are forgotten');
  });
});
