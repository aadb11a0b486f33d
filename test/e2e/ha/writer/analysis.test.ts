/** The judge of the end-to-end tests, judged with logs that were made up: what it passes over, they would too. */
import assert from 'node:assert/strict';
import { distribution, longestGap, missing, namesOf, overlaps, reigns } from './analysis.ts';
import { parseLine, type Ack, type Line } from './lines.ts';
import { fromRanges, ranges } from './ranges.ts';

const ack = (n: number, at: number, server = 'a', more: Partial<Ack> = {}): Ack => ({
  kind: 'ack',
  via: 'primary',
  n,
  server,
  sent: at - 2,
  at,
  ...more,
});
const fail = (n: number, at: number): Line => ({ kind: 'fail', via: 'primary', n, error: 'x', sent: at - 2, at });

describe('what a log of writes says', () => {
  const steady = [ack(1, 100), ack(2, 120), ack(3, 140)];

  it('finds the longest time without an acknowledgement', () => {
    const table: [string, Line[], [number, number], number, boolean][] = [
      ['steady', steady, [90, 150], 20, true],
      ['one failure between', [...steady, fail(4, 150), ack(5, 400)], [90, 410], 260, true],
      ['it began before the window', [ack(1, 100), ack(2, 900), ack(3, 910)], [500, 920], 800, true],
      ['never again', steady, [90, 5000], 4860, false],
      ['nothing at all', [fail(1, 150)], [100, 400], 300, false],
      ['what came before is not counted', [ack(1, 0), ack(2, 900), ack(3, 920)], [905, 930], 20, true],
      [
        'a member asked directly does not count',
        [ack(1, 100), ack(2, 300, 'a', { via: 'db-0' })],
        [90, 500],
        400,
        false,
      ],
    ];
    for (const [name, lines, [from, to], ms, ended] of table) {
      const gap = longestGap(lines, { from, to });
      assert.deepEqual([gap.ms, gap.ended], [ms, ended], name);
    }
  });

  it('finds acknowledged writes that are gone, and only those', () => {
    const lines = [ack(1, 100), ack(2, 110), fail(3, 120), ack(4, 130), ack(5, 140, 'a', { via: 'db-1' })];
    assert.deepEqual(
      missing(lines, new Set([1, 4])).map(({ n }) => n),
      [2],
    );
    assert.deepEqual(missing(lines, new Set([1, 2, 3, 4])), []);
  });

  it('tells who accepted writes, one after the other', () => {
    const lines = [ack(1, 100), ack(2, 120), ack(3, 500, 'b'), ack(4, 520, 'b')];
    assert.deepEqual(reigns(lines), [
      { server: 'a', from: 100, to: 120, writes: 2 },
      { server: 'b', from: 500, to: 520, writes: 2 },
    ]);
    assert.deepEqual(overlaps(reigns(lines), 1), []);
  });

  it('sees two that accept at once', () => {
    const lines = [ack(1, 100), ack(2, 500, 'b'), ack(3, 510), ack(4, 520, 'b'), ack(5, 530)];
    assert.deepEqual(
      reigns(lines).map(({ server }) => server),
      ['a', 'b', 'a', 'b', 'a'],
    );
    assert.equal(overlaps(reigns(lines), 1).length, 5);
  });

  it('sees one stray write of the former primary', () => {
    const lines = [ack(1, 100), ack(2, 500, 'b'), ack(9, 700, 'a', { via: 'db-0' }), ack(3, 720, 'b')];
    assert.equal(overlaps(reigns(lines), 1).length, 4);
  });

  it('sees a third that nobody had decided on', () => {
    const lines = [ack(1, 100), ack(2, 500, 'b'), ack(3, 900, 'c')];
    assert.equal(overlaps(reigns(lines), 1).length, 3);
  });

  it('takes a late answer to a write that was sent before for what it is', () => {
    const lines = [ack(1, 100), ack(2, 500, 'b'), ack(3, 510, 'a', { sent: 490 }), ack(4, 520, 'b')];
    assert.deepEqual(
      reigns(lines).map(({ server }) => server),
      ['a', 'b'],
    );
  });

  it('allows the way there and back when that was decided', () => {
    const lines = [ack(1, 100), ack(2, 500, 'b'), ack(3, 900)];
    assert.deepEqual(overlaps(reigns(lines), 2), []);
    assert.equal(overlaps(reigns(lines), 1).length, 3);
  });

  it('knows a pod by all of its addresses', () => {
    const opened = (server: string, via: string): Line => ({ kind: 'open', via, server, at: 1 });
    const lines = [opened('10.0.0.1', 'db-0'), opened('10.0.0.7', 'db-0'), opened('10.0.0.2', 'primary')];
    const names = namesOf(lines);
    assert.deepEqual(
      [...names],
      [
        ['10.0.0.1', 'db-0'],
        ['10.0.0.7', 'db-0'],
      ],
    );
    assert.equal(reigns([ack(1, 100, '10.0.0.1'), ack(2, 200, '10.0.0.7')], names).length, 1);
  });

  it('passes over what is no line of the writer', () => {
    assert.deepEqual(parseLine('{"kind":"tick","at":1}'), { kind: 'tick', at: 1 });
    for (const text of ['', '(node:1) Warning', '{"kind":"ack","n":']) assert.equal(parseLine(text), undefined);
  });

  it('writes numbers as ranges and reads them back', () => {
    const table: [number[], string][] = [
      [[], ''],
      [[3, 1, 2, 7], '1-3,7'],
      [[5], '5'],
      [[1, 2, 2, 3], '1-3'],
    ];
    for (const [numbers, text] of table) {
      assert.equal(ranges(numbers), text);
      assert.deepEqual(fromRanges(text), new Set(numbers));
    }
    assert.throws(() => fromRanges('ERROR: no such table'));
  });

  it('sums runs up', () => {
    assert.equal(distribution([]), undefined);
    assert.deepEqual(distribution([5, 1, 9, 3]), { count: 4, min: 1, median: 3, p90: 9, max: 9 });
    assert.deepEqual(distribution([4]), { count: 1, min: 4, median: 4, p90: 4, max: 4 });
  });
});
