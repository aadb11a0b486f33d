import type { DatabaseMonitor } from '../../../api/types.generated.ts';
import { referenceImmutable } from '../checks/reference.ts';
import type { Rule } from '../../rule.ts';
import { databaseMonitor } from '../examples.ts';

export const databaseMonitorReferenceImmutable: Rule<DatabaseMonitor> = {
  id: 'DM005',
  title: 'reference never changes',
  kind: 'DatabaseMonitor',
  on: ['UPDATE'],
  why: 'What was made belongs to the first Database, and would be left behind.',
  remedy: 'Make a new object for the other Database.',
  since: '0.1.0',
  severity: 'deny',
  check: ({ object, oldObject }) => referenceImmutable(object, oldObject),
  accepted: [
    {
      title: 'the own namespace, written out',
      object: databaseMonitor({ databaseRef: { name: 'orders', namespace: 'shop' } }),
      oldObject: databaseMonitor(),
    },
  ],
  refused: [
    {
      title: 'another Database',
      object: databaseMonitor({ databaseRef: { name: 'invoices' } }),
      oldObject: databaseMonitor(),
    },
  ],
};
