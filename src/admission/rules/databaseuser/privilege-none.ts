import type { DatabaseUser } from '../../../api/types.generated.ts';
import { warning } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { databaseUser, writes } from '../examples.ts';

export const privilegeNone: Rule<DatabaseUser> = {
  id: 'DU024',
  title: 'user without privileges',
  kind: 'DatabaseUser',
  on: writes,
  why: 'The user can log in and do nothing.',
  remedy: 'List privileges, such as preset: readonly.',
  since: '0.1.0',
  severity: 'warn',
  check({ object }) {
    if ((object.spec.privileges ?? []).length > 0) return [];
    return [
      warning('spec.privileges', 'is empty: the user can log in and do nothing; add one, such as preset: readonly'),
    ];
  },
  accepted: [{ title: 'one', object: databaseUser() }],
  refused: [{ title: 'none', object: databaseUser({ privileges: [] }) }],
};
