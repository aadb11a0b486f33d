import assert from 'node:assert/strict';
import { toRemove, type KeptBackup, type RetentionQuestion } from './retention.ts';

const now = new Date('2026-03-10T00:00:00Z');
const day = 86_400_000;

/** `days` ago. */
const backup = (name: string, days: number, more: Partial<KeptBackup> = {}): KeptBackup => {
  const startedAt = new Date(now.getTime() - days * day);
  const unproven = { proven: false, everProven: false };
  return { name, startedAt, touchedAt: startedAt, who: undefined, whole: true, uid: 'u', ...unproven, ...more };
};
const proven = { proven: true, everProven: true };
const once = { proven: false, everProven: true };
const age = (days: number) => ({ keep: 'age', seconds: days * 86_400 }) as const;
const count = (number: number) => ({ keep: 'count', count: number }) as const;
const half = { whole: false, uid: undefined };

const cases: readonly (readonly [string, Partial<RetentionQuestion>, readonly string[]])[] = [
  ['what is past its age goes', { backups: [backup('a', 9), backup('b', 3)], retention: age(5) }, ['a']],
  ['the newest good one stays however old', { backups: [backup('a', 90), backup('b', 80)], retention: age(5) }, ['a']],
  [
    'the newest proven one stays, too',
    { backups: [backup('a', 90), backup('p', 85, proven), backup('b', 80)], retention: age(5) },
    ['a'],
  ],
  ['older proven ones go', { backups: [backup('p', 90, proven), backup('q', 80, proven)], retention: age(5) }, ['p']],
  [
    'one that was proven once stays, and takes no place of one that is proven still',
    {
      backups: [backup('p', 90, proven), backup('q', 80, once), backup('r', 70), backup('s', 60)],
      retention: age(5),
    },
    ['r'],
  ],
  [
    'more than the number go, oldest first',
    { backups: [backup('a', 3), backup('b', 2), backup('c', 1)], retention: count(1) },
    ['a', 'b'],
  ],
  ['a number of none keeps the newest', { backups: [backup('a', 3), backup('b', 2)], retention: count(0) }, ['a']],
  [
    "somebody else's are not looked at",
    { backups: [backup('a', 9, { who: 'x' }), backup('b', 9), backup('c', 1)], retention: age(5) },
    ['b'],
  ],
  [
    'the last of an earlier Database of that name stays',
    {
      backups: [backup('old1', 60, { uid: 'v' }), backup('old2', 50, { uid: 'v' }), backup('c', 1)],
      retention: age(5),
    },
    ['old1'],
  ],
  [
    'what never ended goes after a day',
    { backups: [backup('dead', 2, half), backup('young', 0.5, half), backup('c', 1)] },
    ['dead'],
  ],
  ['one that is still written to stays', { backups: [backup('long', 2, { ...half, touchedAt: now })] }, []],
  ['half ones do not count', { backups: [backup('a', 3), backup('h', 0.1, half)], retention: count(1) }, []],
  ['without a rule all good ones stay', { backups: [backup('a', 900), backup('b', 1)] }, []],
  ['all means all of one', { backups: [backup('a', 9, proven), backup('b', 1, { who: 'x' })], all: true }, ['a']],
];

describe('retention', () => {
  for (const [title, question, removed] of cases) {
    it(title, () => {
      assert.deepEqual(toRemove({ backups: [], who: undefined, retention: undefined, now, ...question }), removed);
    });
  }
});
