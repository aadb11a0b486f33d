import type { DatabaseUser } from '../../../api/types.generated.ts';
import { referenceImmutable } from '../checks/reference.ts';
import type { Rule } from '../../rule.ts';
import { databaseUser } from '../examples.ts';

export const databaseUserReferenceImmutable: Rule<DatabaseUser> = {
  id: 'DU005',
  title: 'reference never changes',
  kind: 'DatabaseUser',
  on: ['UPDATE'],
  why: 'What was made belongs to the first Database, and would be left behind.',
  remedy: 'Make a new object for the other Database.',
  since: '0.1.0',
  severity: 'deny',
  check: ({ object, oldObject }) => referenceImmutable(object, oldObject),
  accepted: [
    {
      title: 'the own namespace, written out',
      object: databaseUser({ databaseRef: { name: 'orders', namespace: 'shop' } }),
      oldObject: databaseUser(),
    },
  ],
  refused: [
    {
      title: 'another Database',
      object: databaseUser({ databaseRef: { name: 'invoices' } }),
      oldObject: databaseUser(),
    },
  ],
};
