import type { DatabaseBackup } from '../../../api/types.generated.ts';
import { referenceImmutable } from '../checks/reference.ts';
import type { Rule } from '../../rule.ts';
import { databaseBackup } from '../examples.ts';

export const databaseBackupReferenceImmutable: Rule<DatabaseBackup> = {
  id: 'BK005',
  title: 'reference never changes',
  kind: 'DatabaseBackup',
  on: ['UPDATE'],
  why: 'What was made belongs to the first Database, and would be left behind.',
  remedy: 'Make a new object for the other Database.',
  since: '0.1.0',
  severity: 'deny',
  check: ({ object, oldObject }) => referenceImmutable(object, oldObject),
  accepted: [
    {
      title: 'the own namespace, written out',
      object: databaseBackup({ databaseRef: { name: 'orders', namespace: 'shop' } }),
      oldObject: databaseBackup(),
    },
  ],
  refused: [
    {
      title: 'another Database',
      object: databaseBackup({ databaseRef: { name: 'invoices' } }),
      oldObject: databaseBackup(),
    },
  ],
};
