import type { DatabaseUser } from '../../../api/types.generated.ts';
import { parseDuration } from '../../../values/duration.ts';
import { invalid } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { databaseUser, writes } from '../examples.ts';

export const expiry: Rule<DatabaseUser> = {
  id: 'DU033',
  title: 'expiry is a time',
  kind: 'DatabaseUser',
  on: writes,
  needs: 'spec.expiresAfter',
  why: 'A user that expires at once can never log in.',
  remedy: 'Write a duration such as 90d, or leave it out.',
  since: '0.1.0',
  severity: 'deny',
  check({ object }) {
    const { expiresAfter } = object.spec;
    if (expiresAfter === undefined) return [];
    const parsed = parseDuration(expiresAfter);
    if (!parsed.ok) return [invalid('spec.expiresAfter', expiresAfter, parsed.error)];
    return parsed.value >= 60_000
      ? []
      : [invalid('spec.expiresAfter', expiresAfter, 'must be 1m or more: the user could never log in')];
  },
  accepted: [{ title: 'three months', object: databaseUser({ expiresAfter: '90d' }) }],
  refused: [
    { title: 'at once', object: databaseUser({ expiresAfter: '0' }) },
    { title: 'a date', object: databaseUser({ expiresAfter: '2027-01-01' }) },
  ],
};
