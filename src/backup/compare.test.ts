import assert from 'node:assert/strict';
import type { BackupFingerprint } from '../api/backup-order.ts';
import { compare, totals } from './compare.ts';

const print = (tables: BackupFingerprint['databases'][string], method = 'm'): BackupFingerprint => ({
  method,
  databases: { app: tables },
});
const whole = print({ 's.t': { rows: 3, checksum: '9' } });

describe('a restored server', () => {
  const cases: readonly (readonly [string, BackupFingerprint, BackupFingerprint, readonly string[]])[] = [
    ['is what was backed up', whole, whole, []],
    ['misses a table', whole, print({}), ['missing-table app: s.t is missing']],
    ['misses a database', whole, { method: 'm', databases: {} }, ['missing-table app: s.t is missing']],
    [
      'misses rows',
      whole,
      print({ 's.t': { rows: 2, checksum: '9' } }),
      ['rows app: s.t has 2 rows, 3 were backed up'],
    ],
    [
      'has other rows',
      whole,
      print({ 's.t': { rows: 3, checksum: '8' } }),
      ['content app: s.t has 3 rows, but not the same ones that were backed up'],
    ],
    ['has a table too many', print({}), whole, ['extra-table app: s.t was not in the backup']],
    ['is counted in another way: only rows are compared', whole, print({ 's.t': { rows: 3, checksum: '8' } }, 'n'), []],
    ['held a table without a snapshot', print({ t: { rows: 1, approximate: true } }), print({ t: { rows: 2 } }), []],
    [
      'misses a table without a snapshot',
      print({ t: { rows: 1, approximate: true } }),
      print({}),
      ['missing-table app: t is missing'],
    ],
  ];
  for (const [title, expected, found, failures] of cases) {
    it(title, () =>
      assert.deepEqual(
        compare(expected, found).map(({ kind, what }) => `${kind} ${what}`),
        failures,
      ),
    );
  }

  it('is summed up', () => assert.deepEqual(totals(whole), { tables: 1, rows: 3 }));
});
