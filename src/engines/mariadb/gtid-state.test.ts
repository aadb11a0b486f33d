import assert from 'node:assert/strict';
import fc from 'fast-check';
import { beyond, compareGtidStates, formatGtidState, parseGtidState } from './gtid-state.ts';

describe('GTID states of MariaDB', () => {
  it('keeps the highest sequence of each writer', () => {
    assert.equal(formatGtidState(parseGtidState('0-1-4,0-2-6', '', '0-2-7, 0-1-3')), '0-1-4,0-2-7');
  });

  it('refuses what is none', () => {
    for (const text of ['uuid:1-5', '0-1', '0-1-x']) assert.throws(() => parseGtidState(text), /not a list of GTIDs/);
  });

  const orders: [string, string, string, string][] = [
    ['', '', 'equal', 'two new servers'],
    ['0-1-5', '0-1-5', 'equal', 'a replica in step'],
    ['0-1-5', '0-1-4', 'ahead', 'a replica behind'],
    ['0-1-4,0-2-7', '0-1-4', 'ahead', 'a new primary went on from the same point'],
    ['0-1-5', '0-1-4,0-2-7', 'diverged', 'the old primary wrote what the new one never got'],
    ['0-1-5', '0-1-4,0-2-5', 'diverged', 'the same number by two writers'],
  ];
  for (const [left, right, order, when] of orders) {
    it(`is ${order} when ${when}`, () =>
      assert.equal(compareGtidStates(parseGtidState(left), parseGtidState(right)), order));
  }

  it('turns round with its arguments, and agrees with what is beyond', () => {
    const state = fc
      .array(fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 9 })))
      .map((pairs) => parseGtidState(...pairs.map(([server, sequence]) => `0-${server}-${sequence}`)));
    const turned = { equal: 'equal', ahead: 'behind', behind: 'ahead', diverged: 'diverged' } as const;
    fc.assert(
      fc.property(state, state, (a, b) => {
        assert.equal(compareGtidStates(b, a), turned[compareGtidStates(a, b)]);
        assert.equal(beyond(a, b).size > 0, ['ahead', 'diverged'].includes(compareGtidStates(a, b)));
        assert.equal(compareGtidStates(a, parseGtidState(formatGtidState(a))), 'equal');
      }),
    );
  });
});
