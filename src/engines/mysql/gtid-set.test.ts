import assert from 'node:assert/strict';
import fc from 'fast-check';
import { compareGtidSets, formatGtidSet, parseGtidSet, subtract, unite } from './gtid-set.ts';

const a = '3e11fa47-71ca-11e1-9e33-c80aa9429562';
const b = '4f22fa47-71ca-11e1-9e33-c80aa9429562';

describe('GTID sets of MySQL', () => {
  const spellings: [string, string][] = [
    ['', ''],
    [`${a}:1`, `${a}:1`],
    [`${a.toUpperCase()}:1-3:4-5:7`, `${a}:1-5:7`],
    [`${b}:2,\n${a}:1-1`, `${a}:1,${b}:2`],
    [`${a}:1-3,${a}:2-9`, `${a}:1-9`],
    [`${a}:1-2:tag:1-3:5`, `${a}:1-2,${a}:tag:1-3:5`],
  ];
  for (const [written, normal] of spellings) {
    it(`reads ${JSON.stringify(written)}`, () => assert.equal(formatGtidSet(parseGtidSet(written)), normal));
  }

  it('refuses what is none', () => {
    for (const text of ['0-1-5', 'x:1', `${a.slice(1)}:1`]) assert.throws(() => parseGtidSet(text), /not a GTID set/);
  });

  const orders: [string, string, string][] = [
    ['', '', 'equal'],
    [`${a}:1-5`, `${a}:1-5`, 'equal'],
    [`${a}:1-6`, `${a}:1-5`, 'ahead'],
    ['', `${b}:1`, 'behind'],
    [`${a}:1-5`, `${a}:1-4,${b}:1`, 'diverged'],
    [`${a}:1-5:7`, `${a}:1-6`, 'diverged'],
  ];
  for (const [left, right, order] of orders) {
    it(`${left || 'nothing'} is ${order} of ${right || 'nothing'}`, () =>
      assert.equal(compareGtidSets(parseGtidSet(left), parseGtidSet(right)), order));
  }

  /** The model: a plain set of `uuid:number`. */
  const model = fc.uniqueArray(fc.tuple(fc.constantFrom(a, b), fc.integer({ min: 1, max: 12 })), {
    selector: ([uuid, number]) => `${uuid}:${number}`,
  });
  const textOf = (gtids: readonly (readonly [string, number])[]): string =>
    gtids.map(([uuid, number]) => `${uuid}:${number}`).join(',');
  const members = (gtids: readonly (readonly [string, number])[]): Set<string> =>
    new Set(gtids.map(([uuid, number]) => `${uuid}:${number}`));
  const expand = (text: string): Set<string> =>
    new Set(
      text.split(',').flatMap((group) => {
        const [uuid = '', ...parts] = group.split(':');
        return parts.flatMap((part) => {
          const [first = 0, last = first] = part.split('-').map(Number);
          return Array.from({ length: last - first + 1 }, (_, index) => `${uuid}:${first + index}`);
        });
      }),
    );

  it('unites, subtracts and compares as sets do', () => {
    fc.assert(
      fc.property(model, model, (left, right) => {
        const [x, y] = [members(left), members(right)];
        const [p, q] = [parseGtidSet(textOf(left)), parseGtidSet(textOf(right))];
        assert.deepEqual(expand(formatGtidSet(unite(p, q))), new Set([...x, ...y]));
        assert.deepEqual(expand(formatGtidSet(subtract(p, q))), new Set([...x].filter((gtid) => !y.has(gtid))));
        const more = [...x].some((gtid) => !y.has(gtid));
        const less = [...y].some((gtid) => !x.has(gtid));
        const expected = more ? (less ? 'diverged' : 'ahead') : less ? 'behind' : 'equal';
        assert.equal(compareGtidSets(p, q), expected);
        assert.equal(formatGtidSet(parseGtidSet(formatGtidSet(p))), formatGtidSet(p));
      }),
    );
  });
});
