import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { PositionOrder } from '../engine.ts';
import { comparePositions, positionOf } from './position.ts';

const [A, B, C, none] = ['a', 'b', 'c', '0'].map((digit) => digit.repeat(40)) as [string, string, string, string];

describe('positions of Redis members', function () {
  this.timeout(20_000);
  const cases: readonly [string, string, string, PositionOrder][] = [
    ['both new', '', '', 'equal'],
    ['one new', `${A}:0`, '', 'ahead'],
    ['the same history, further', `${A}:120`, `${A}:100`, 'ahead'],
    ['offsets beyond 2^53', `${A}:9007199254740993`, `${A}:9007199254740992`, 'ahead'],
    ['promoted where the other stands', `${B}:100/${A}:100`, `${A}:100`, 'equal'],
    ['promoted and written to', `${B}:150/${A}:100`, `${A}:100`, 'ahead'],
    ['promoted, and the other lacks the end', `${B}:100/${A}:100`, `${A}:90`, 'ahead'],
    ['the other has what the promoted one never got', `${B}:150/${A}:100`, `${A}:101`, 'diverged'],
    ['the same, and nothing written since', `${B}:100/${A}:100`, `${A}:101`, 'behind'],
    ['both promoted from one history', `${B}:150/${A}:100`, `${C}:150/${A}:100`, 'diverged'],
    ['nothing in common', `${A}:10`, `${B}:10`, 'diverged'],
    ['two promotions ago', `${C}:9/${B}:7/${A}:5`, `${A}:5`, 'ahead'],
    ['garbage is nothing', 'garbage', `${A}:0`, 'behind'],
  ];
  const turned = { ahead: 'behind', behind: 'ahead', equal: 'equal', diverged: 'diverged' } as const;
  for (const [title, a, b, order] of cases) {
    it(`${title}: ${order}`, () => {
      assert.equal(comparePositions(a, b), order);
      assert.equal(comparePositions(b, a), turned[order]);
    });
  }

  it('order members of one history by what they have, however they were promoted and cut off', () => {
    // A tree of histories as servers make them: each promotion begins a new id at an offset of its parent.
    const steps = fc.array(fc.tuple(fc.nat(9), fc.nat(5), fc.nat(5)), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(steps, (given) => {
        const histories: { id: string; begin: number; parent: number }[] = [{ id: none, begin: 0, parent: -1 }];
        const members: { history: number; offset: number }[] = [];
        for (const [pick, length, more] of given) {
          const parent = pick % histories.length;
          const begin = (histories[parent]?.begin ?? 0) + length;
          histories.push({ id: histories.length.toString(16).padStart(40, 'f'), begin, parent });
          members.push({ history: histories.length - 1, offset: begin + more }, { history: parent, offset: begin });
        }
        const chain = (history: number, offset: number): string[] => {
          const own = histories[history];
          return own === undefined ? [] : [`${own.id}:${offset}`, ...chain(own.parent, own.begin)];
        };
        // What is in it, entry by entry.
        const content = (history: number, offset: number): Set<string> => {
          const own = histories[history];
          if (own === undefined) return new Set();
          const entries = content(own.parent, own.begin);
          for (let at = own.begin; at < offset; at++) entries.add(`${own.id}:${at}`);
          return entries;
        };
        for (const a of members) {
          for (const b of members) {
            const [left, right] = [content(a.history, a.offset), content(b.history, b.offset)];
            const hasAll = [...right].every((entry) => left.has(entry));
            const isIn = [...left].every((entry) => right.has(entry));
            const expected = hasAll ? (isIn ? 'equal' : 'ahead') : isIn ? 'behind' : 'diverged';
            const [p, q] = [chain(a.history, a.offset).join('/'), chain(b.history, b.offset).join('/')];
            assert.equal(comparePositions(p, q), expected, `${p} ${q}`);
          }
        }
      }),
      { numRuns: 50 },
    );
  });

  it('are those of the data, not of the id that a server invents when it starts', () => {
    const base = `${A}:100`;
    const read = { self: B, base, bornPrimary: false };
    const at = (id: string, offset: string, olderId = none, olderEnd = '-1', writable = false): string =>
      positionOf({ id, offset, olderId, olderEnd, writable }, read);
    assert.equal(at(B, '0'), base);
    assert.equal(at(C, '0', B, '1', true), `${C}:0/${base}`);
    assert.equal(at(C, '120', A, '101'), `${C}:120/${A}:100`);
    assert.equal(at(A, '120'), `${A}:120`);
    const lone = { self: B, base, bornPrimary: true };
    assert.equal(
      positionOf({ id: B, offset: '7', olderId: none, olderEnd: '-1', writable: true }, lone),
      `${B}:7/${base}`,
    );
    assert.equal(
      positionOf({ id: C, offset: '9', olderId: B, olderEnd: '8', writable: true }, lone),
      `${C}:9/${B}:7/${base}`,
    );
  });
});
