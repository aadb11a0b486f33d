/**
 * Who may hand out a right in a database is asked of Kubernetes' own RBAC: verb `create` on `databases/grant-<preset>` of the
 * Database, named rights like administrators. Without this, whoever may write a DatabaseUser would own every database. A
 * change asks for what it adds, and for everything when the credential goes to others or lives longer.
 */
import type { DatabaseUser } from '../../../api/types.generated.ts';
import { accessFindings, accessNeeds } from '../checks/access.ts';
import type { Rule } from '../../rule.ts';
import { cluster, database, databaseUser, writes } from '../examples.ts';

const answering = (answer: 'allowed' | 'denied' | 'unanswered') => ({
  ...cluster([database()]),
  access: () => ({ known: true, value: answer, ageSeconds: 0 }) as const,
});

export const privilegeAccess: Rule<DatabaseUser> = {
  id: 'DU026',
  title: 'who grants has the right to grant',
  kind: 'DatabaseUser',
  on: writes,
  why: 'Whoever may write a DatabaseUser could otherwise read, change and own every database.',
  remedy:
    'Have a Role give you the verb create on databases/grant-readonly (-readwrite, -owner, -admin); named rights need grant-admin.',
  since: '0.1.0',
  severity: 'deny',
  check: ({ object, oldObject, user, facts }) =>
    user.groups.includes('system:masters')
      ? []
      : accessFindings(accessNeeds(object, oldObject), { object, user }, facts),
  accepted: [
    { title: 'RBAC allows it', object: databaseUser(), facts: answering('allowed') },
    {
      title: 'less than before',
      object: databaseUser({ privileges: [{ preset: 'readonly' }] }),
      oldObject: databaseUser({ privileges: [{ preset: 'readwrite' }] }),
      facts: answering('denied'),
    },
  ],
  refused: [
    { title: 'RBAC denies it', object: databaseUser(), facts: answering('denied') },
    {
      title: 'named rights, and RBAC denies grant-admin',
      object: databaseUser({ privileges: [{ grant: ['SELECT'], table: 'orders' }] }),
      facts: answering('denied'),
    },
    {
      title: 'more than before',
      object: databaseUser({ privileges: [{ preset: 'readonly' }, { preset: 'owner' }] }),
      oldObject: databaseUser(),
      facts: answering('denied'),
    },
    {
      title: 'the same, with a password that somebody else knows',
      object: databaseUser({ passwordSecret: { name: 'mine' } }),
      oldObject: databaseUser(),
      facts: answering('denied'),
    },
    { title: 'nobody answered', object: databaseUser(), facts: answering('unanswered') },
  ],
};
