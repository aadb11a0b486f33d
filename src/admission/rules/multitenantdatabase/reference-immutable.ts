import type { MultiTenantDatabase } from '../../../api/types.generated.ts';
import { referenceImmutable } from '../checks/reference.ts';
import type { Rule } from '../../rule.ts';
import { multiTenantDatabase } from '../examples.ts';

export const multiTenantDatabaseReferenceImmutable: Rule<MultiTenantDatabase> = {
  id: 'MT005',
  title: 'reference never changes',
  kind: 'MultiTenantDatabase',
  on: ['UPDATE'],
  why: 'What was made belongs to the first Database, and would be left behind.',
  remedy: 'Make a new object for the other Database.',
  since: '0.1.0',
  severity: 'deny',
  check: ({ object, oldObject }) => referenceImmutable(object, oldObject),
  accepted: [
    {
      title: 'the own namespace, written out',
      object: multiTenantDatabase({ databaseRef: { name: 'orders', namespace: 'shop' } }),
      oldObject: multiTenantDatabase(),
    },
  ],
  refused: [
    {
      title: 'another Database',
      object: multiTenantDatabase({ databaseRef: { name: 'invoices' } }),
      oldObject: multiTenantDatabase(),
    },
  ],
};
