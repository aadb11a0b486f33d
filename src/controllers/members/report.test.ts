import assert from 'node:assert/strict';
import { answered, failed, ordered, unasked } from './report.ts';

const view = { writable: true, streaming: false, position: 'p' };

describe('what is known of a member', () => {
  it('has been silent since it was last heard of, and unanswered since the first question after that', () => {
    const heard = answered(unasked(0), view, 1_000, 'orders-0');
    const first = failed(heard, false, 9_000, 10_000);
    assert.deepEqual([first.kind, first.since, first.unansweredSince], ['silent', 1_000, 9_000]);
    const second = failed(first, false, 10_250, 11_250);
    assert.deepEqual([second.since, second.unansweredSince], [1_000, 9_000]);
  });

  it('is asked anew after an answer, and after an order', () => {
    const silent = failed(answered(unasked(0), view, 1_000, 'orders-0'), false, 9_000, 10_000);
    assert.equal(answered(silent, view, 11_000, 'orders-0').unansweredSince, undefined);
    assert.equal(ordered(silent, 'other', 11_000).unansweredSince, undefined);
  });

  it('is unable to write when nothing has listened there for a second', () => {
    const refused = failed(answered(unasked(0), view, 1_000, 'orders-0'), true, 2_000, 2_010);
    assert.equal(refused.harmlessSince, undefined);
    assert.equal(failed(refused, true, 3_000, 3_010).harmlessSince, 2_010);
  });
});
