import assert from 'node:assert/strict';
import {
  getCondition,
  isTrue,
  removeCondition,
  sameStatus,
  setCondition,
  setConditions,
  timestamp,
} from './conditions.ts';

const first = new Date('2026-05-31T12:00:00.999Z');
const later = new Date('2026-05-31T13:00:00.001Z');
const ready = {
  type: 'Ready',
  status: 'True',
  reason: 'AllReady',
  message: 'all 3 of 3',
  observedGeneration: 1,
} as const;

describe('conditions', () => {
  it('are stamped in whole seconds when they are new', () => {
    assert.deepEqual(setCondition(undefined, ready, first), [{ ...ready, lastTransitionTime: '2026-05-31T12:00:00Z' }]);
    assert.equal(timestamp(later), '2026-05-31T13:00:00Z');
  });

  it('keep their time while status stays, whatever else changes', () => {
    const list = setCondition(undefined, ready, first);
    const changed = setCondition(list, { ...ready, reason: 'Other', message: 'still', observedGeneration: 2 }, later);
    assert.equal(getCondition(changed, 'Ready')!.lastTransitionTime, '2026-05-31T12:00:00Z');
    assert.equal(getCondition(changed, 'Ready')!.reason, 'Other');
  });

  it('get a new time when status changes', () => {
    const list = setCondition(setCondition(undefined, ready, first), { ...ready, status: 'Unknown' }, later);
    assert.equal(getCondition(list, 'Ready')!.lastTransitionTime, '2026-05-31T13:00:00Z');
    assert.equal(isTrue(list, 'Ready'), false);
  });

  it('that do not change are the very same list, so that nothing is written', () => {
    const list = setCondition(undefined, ready, first);
    assert.equal(setCondition(list, { ...ready }, later), list);
    assert.equal(removeCondition(list, 'Absent'), list);
  });

  it('keep their order; the list given is left alone', () => {
    const list = setConditions(undefined, [ready, { ...ready, type: 'Degraded', status: 'False' }], first);
    const frozen = Object.freeze(list);
    const next = setCondition(frozen, { ...ready, status: 'False' }, later);
    assert.deepEqual(
      next.map(({ type, status }) => [type, status]),
      [
        ['Ready', 'False'],
        ['Degraded', 'False'],
      ],
    );
    assert.equal(isTrue(frozen, 'Ready'), true);
    assert.deepEqual(
      removeCondition(next, 'Ready').map(({ type }) => type),
      ['Degraded'],
    );
  });

  it('cut a message that the API server would refuse', () => {
    assert.equal(setCondition([], { ...ready, message: 'x'.repeat(40_000) }, first)[0]!.message.length, 32_768);
  });
});

describe('sameStatus', () => {
  it('passes over key order and undefined fields', () => {
    assert.ok(sameStatus({ a: 1, b: { c: [1, { d: 2 }] }, e: undefined }, { b: { c: [1, { d: 2 }] }, a: 1 }));
    assert.ok(sameStatus(undefined, undefined));
  });

  it('sees every other difference', () => {
    const pairs: readonly (readonly [unknown, unknown])[] = [
      [{ a: 1 }, { a: 2 }],
      [{ a: 1 }, { b: 1 }],
      [{ a: null }, {}],
      [
        [1, 2],
        [2, 1],
      ],
      [[], {}],
      [[1], [1, 2]],
      [undefined, {}],
      ['1', 1],
    ];
    for (const [a, b] of pairs) {
      assert.equal(sameStatus(a, b), false);
      assert.equal(sameStatus(b, a), false);
    }
  });
});
