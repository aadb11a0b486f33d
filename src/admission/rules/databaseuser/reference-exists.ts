import type { DatabaseUser } from '../../../api/types.generated.ts';
import { missingTarget } from '../checks/reference.ts';
import type { Rule } from '../../rule.ts';
import { cluster, database, databaseUser } from '../examples.ts';

export const databaseUserReferenceExists: Rule<DatabaseUser> = {
  id: 'DU003',
  title: 'Database exists',
  kind: 'DatabaseUser',
  on: ['CREATE'],
  why: 'Nothing happens until the Database exists; a misspelt name waits for ever.',
  remedy: 'Check the name, or make the Database.',
  since: '0.1.0',
  severity: 'warn',
  check: ({ object, facts }) => missingTarget(object, facts),
  accepted: [{ title: 'it is there', object: databaseUser(), facts: cluster([database()]) }],
  refused: [
    { title: 'misspelt', object: databaseUser({ databaseRef: { name: 'ordres' } }), facts: cluster([database()]) },
  ],
};
