import assert from 'node:assert/strict';
import fc from 'fast-check';
import { comparePositions, formatPosition, parseLsn } from './position.ts';

describe('positions of PostgreSQL', () => {
  for (const [a, b, order, why] of [
    ['1/0/3000000', '1/0/3000000', 'equal', 'the same'],
    ['1/0/3000001', '1/0/3000000', 'ahead', 'more of the same timeline'],
    ['1/1/0', '1/0/FFFFFFFF', 'ahead', 'numbers, not text'],
    ['1/0/A', '1/0/9', 'ahead', 'hexadecimal'],
    ['2/0/3000100;1@0/3000000', '1/0/3000000', 'ahead', 'followed the new primary'],
    ['2/0/3000100;1@0/3000000', '1/0/2000000', 'ahead', 'still behind the fork'],
    ['2/0/3000100;1@0/3000000', '1/0/3000001', 'diverged', 'had more than the new primary when that was promoted'],
    ['2/0/3000000;1@0/3000000', '1/0/3000000', 'equal', 'promoted, nothing written yet'],
    ['2/0/3000000;1@0/3000000', '1/0/3000010', 'behind', 'promoted, nothing of its own'],
    ['3/0/5000000;1@0/3000000,2@0/4000000', '2/0/4000000;1@0/3000000', 'ahead', 'two promotions on'],
    ['3/0/5000000;1@0/3000000,2@0/4000000', '2/0/4500000;1@0/3000000', 'diverged', 'left behind with data of its own'],
    ['3/0/5000000;1@0/3000000,2@0/4000000', '1/0/2000000', 'ahead', 'an ancestor of an ancestor'],
    ['3/0/5000000;1@0/3000000', '2/0/5000000;1@0/3000000', 'diverged', 'two timelines from one place'],
    ['2/0/5000000;1@0/3000000', '2/0/5000000;1@0/3000100', 'diverged', 'one number, two timelines'],
    ['10/0/A0;9@0/90', '9/0/80', 'ahead', 'timelines are numbers'],
  ] as const) {
    it(`${a} is ${order} of ${b}: ${why}`, () => {
      assert.equal(comparePositions(a, b), order);
      const turned = { ahead: 'behind', behind: 'ahead', equal: 'equal', diverged: 'diverged' } as const;
      assert.equal(comparePositions(b, a), turned[order]);
    });
  }

  it('are made of a timeline, a place and the history as the server keeps it', () => {
    assert.equal(formatPosition('00000001', '0/3000000', null), '1/0/3000000');
    const history = '1\t0/3000000\tno recovery target specified\n\n2\t0/40000A0\tno recovery target specified\n';
    assert.equal(formatPosition('00000003', '0/5000148', history), '3/0/5000148;1@0/3000000,2@0/40000A0');
    assert.equal(formatPosition('0000000A', '0/1', '# a remark\n9\t0/1\n'), '10/0/1;9@0/1');
  });

  it('are not guessed', () => {
    assert.throws(() => formatPosition('00000002', '0/1', null), /history of timeline 2 is missing/);
    assert.throws(() => formatPosition('', '0/1', null), /not a timeline/);
    for (const bad of ['', '1', '1/', '1/0', 'x/0/1', '0/0/1', '1/0/1;2', '1/0/g', '1/0/123456789']) {
      assert.throws(() => comparePositions(bad, '1/0/1'), /not a position/, bad);
    }
  });

  it('order the points of one history as their places', () => {
    const places = fc.uniqueArray(fc.integer({ min: 1, max: 2 ** 31 }), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(places, (unsorted) => {
        const [a = 0, b = 0, c = 0, d = 0] = unsorted.toSorted((x, y) => x - y).map((n) => n);
        const at = (n: number): string => `0/${n.toString(16).toUpperCase()}`;
        const line = [`1/${at(a)}`, `2/${at(c)};1@${at(b)}`, `3/${at(d)};1@${at(b)},2@${at(c)}`];
        assert.equal(comparePositions(line[0] ?? '', line[1] ?? ''), 'behind');
        assert.equal(comparePositions(line[1] ?? '', line[2] ?? ''), 'behind');
        assert.equal(comparePositions(line[2] ?? '', line[0] ?? ''), 'ahead');
      }),
    );
  });

  it('take log sequence numbers of 64 bits', () => {
    assert.equal(parseLsn('FFFFFFFF/FFFFFFFF'), 2n ** 64n - 1n);
    assert.equal(parseLsn('0/0'), 0n);
    assert.equal(parseLsn('0'), undefined);
  });
});
