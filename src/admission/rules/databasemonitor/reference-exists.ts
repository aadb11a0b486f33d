import type { DatabaseMonitor } from '../../../api/types.generated.ts';
import { missingTarget } from '../checks/reference.ts';
import type { Rule } from '../../rule.ts';
import { cluster, database, databaseMonitor } from '../examples.ts';

export const databaseMonitorReferenceExists: Rule<DatabaseMonitor> = {
  id: 'DM003',
  title: 'Database exists',
  kind: 'DatabaseMonitor',
  on: ['CREATE'],
  why: 'Nothing happens until the Database exists; a misspelt name waits for ever.',
  remedy: 'Check the name, or make the Database.',
  since: '0.1.0',
  severity: 'warn',
  check: ({ object, facts }) => missingTarget(object, facts),
  accepted: [{ title: 'it is there', object: databaseMonitor(), facts: cluster([database()]) }],
  refused: [
    { title: 'misspelt', object: databaseMonitor({ databaseRef: { name: 'ordres' } }), facts: cluster([database()]) },
  ],
};
