import type { DatabaseUser } from '../../../api/types.generated.ts';
import { privilegeTwice } from '../checks/privileges.ts';
import type { Rule } from '../../rule.ts';
import { databaseUser, writes } from '../examples.ts';

export const privilegeOnce: Rule<DatabaseUser> = {
  id: 'DU023',
  title: 'a privilege stands once',
  kind: 'DatabaseUser',
  on: writes,
  needs: 'spec.privileges',
  why: 'The same line twice is a slip: one of them was meant to be another.',
  remedy: 'Remove one of the two.',
  since: '0.1.0',
  severity: 'deny',
  check: ({ object }) => privilegeTwice(object.spec.privileges ?? []),
  accepted: [
    {
      title: 'different ones',
      object: databaseUser({
        privileges: [
          { preset: 'readonly', schema: 'a' },
          { preset: 'readonly', schema: 'b' },
        ],
      }),
    },
  ],
  refused: [
    { title: 'the same twice', object: databaseUser({ privileges: [{ preset: 'readonly' }, { preset: 'readonly' }] }) },
  ],
};
