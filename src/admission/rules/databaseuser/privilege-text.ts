import type { DatabaseUser } from '../../../api/types.generated.ts';
import { privilegeText } from '../checks/privileges.ts';
import type { Rule } from '../../rule.ts';
import { databaseUser, writes } from '../examples.ts';

export const privilegeCleanText: Rule<DatabaseUser> = {
  id: 'DU022',
  title: 'rights are names',
  kind: 'DatabaseUser',
  on: writes,
  needs: 'spec.privileges',
  why: 'What is no name could carry a second statement into the server.',
  remedy: 'Write rights and names as the manual of the engine has them.',
  since: '0.1.0',
  severity: 'deny',
  check: ({ object }) => privilegeText(object.spec.privileges ?? []),
  accepted: [{ title: 'a right', object: databaseUser({ privileges: [{ grant: ['SELECT'] }] }) }],
  refused: [{ title: 'a statement', object: databaseUser({ privileges: [{ grant: ['SELECT; DROP TABLE x'] }] }) }],
};
