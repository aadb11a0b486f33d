import type { MultiTenantDatabase } from '../../../api/types.generated.ts';
import { missingTarget } from '../checks/reference.ts';
import type { Rule } from '../../rule.ts';
import { cluster, database, multiTenantDatabase } from '../examples.ts';

export const multiTenantDatabaseReferenceExists: Rule<MultiTenantDatabase> = {
  id: 'MT003',
  title: 'Database exists',
  kind: 'MultiTenantDatabase',
  on: ['CREATE'],
  why: 'Nothing happens until the Database exists; a misspelt name waits for ever.',
  remedy: 'Check the name, or make the Database.',
  since: '0.1.0',
  severity: 'warn',
  check: ({ object, facts }) => missingTarget(object, facts),
  accepted: [{ title: 'it is there', object: multiTenantDatabase(), facts: cluster([database()]) }],
  refused: [
    {
      title: 'misspelt',
      object: multiTenantDatabase({ databaseRef: { name: 'ordres' } }),
      facts: cluster([database()]),
    },
  ],
};
