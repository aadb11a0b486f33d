import assert from 'node:assert/strict';
import { isKilled } from './targets.ts';

const rows: readonly (readonly [string, string | undefined, number | undefined, boolean])[] = [
  ['one that is there', undefined, undefined, false],
  ['one that has two minutes for a clean end', '2026-01-05T12:00:00Z', 120, false],
  ['one that has a second', '2026-01-05T12:00:00Z', 1, true],
  ['one that is ended by force', '2026-01-05T12:00:00Z', 0, true],
];

describe('a pod that is being killed', () => {
  for (const [title, deletionTimestamp, deletionGracePeriodSeconds, expected] of rows) {
    it(title, () => {
      const ending = deletionTimestamp === undefined ? {} : { deletionTimestamp };
      const grace = deletionGracePeriodSeconds === undefined ? {} : { deletionGracePeriodSeconds };
      const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'orders-0', ...ending, ...grace } };
      assert.equal(isKilled(pod), expected);
    });
  }
});
