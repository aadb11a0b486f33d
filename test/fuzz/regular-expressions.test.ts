import assert from 'node:assert/strict';
import { ownTime } from './judge.ts';
import {
  expressionsIn,
  expressionsInSource,
  patternsInSchemas,
  isSlow,
  type Expression,
} from './regular-expressions.ts';

/** Milliseconds for 8,000 characters: a linear expression needs some microseconds, a quadratic one 30 and more. */
const limit = 15;
const length = 8_000;

/** Exponential ones show at 24 characters already, and would never come back at more. */
const tooSlow = ({ regex }: Expression): boolean =>
  [24, 400, length].some((characters) => isSlow(regex, characters, limit, ownTime));

describe('regular expressions', function () {
  this.timeout(60_000);

  for (const [title, list] of [
    ['in the source', expressionsInSource()],
    ['in the schemas', patternsInSchemas()],
  ] as const) {
    it(`${title}: none can be made to backtrack`, () => {
      assert.ok(list.length > 10, 'they were found');
      const distinct = new Map(list.map((expression) => [String(expression.regex), expression]));
      const slow = [...distinct.values()].filter(tooSlow).map(({ where, regex }) => `${where} ${String(regex)}`);
      assert.deepEqual(slow, []);
    });
  }

  it('and one that can is noticed', () => {
    const slow = (text: string): boolean => expressionsIn('x.ts', text).some(tooSlow);
    assert.ok(slow('const a = /^(a+)+$/;'));
    assert.ok(slow('const a = /^(a|a)*b$/;'));
    assert.ok(slow('const a = /\\s+$/;'));
    assert.ok(slow('const a = /^(\\d+\\.?)+$/;'));
    assert.ok(!slow('const a = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;'));
  });
});
