import type { DatabaseUser } from '../../../api/types.generated.ts';
import { identifierFault } from '../checks/identifiers.ts';
import { targetEngine } from '../checks/reference.ts';
import type { Rule } from '../../rule.ts';
import { cluster, database, databaseUser, writes } from '../examples.ts';

export const databaseUserUsernameForm: Rule<DatabaseUser> = {
  id: 'DU010',
  title: 'username is a name that the engine takes',
  kind: 'DatabaseUser',
  on: writes,
  needs: 'spec.username',
  why: 'The engine would refuse to make it.',
  remedy: 'Use letters, digits and _, beginning with a letter, within the length of the engine.',
  since: '0.1.0',
  severity: 'deny',
  check({ object, facts }) {
    const engine = targetEngine(object, facts);
    const { username } = object.spec;
    if (engine === undefined || username === undefined) return [];
    const fault = identifierFault('spec.username', username, engine.userIdentifier, engine.title);
    return fault === undefined ? [] : [fault];
  },
  accepted: [{ title: 'plain', object: databaseUser({ username: 'reporting' }), facts: cluster([database()]) }],
  refused: [
    { title: 'a quote', object: databaseUser({ username: "o'hara" }), facts: cluster([database()]) },
    {
      title: 'too long for MySQL',
      object: databaseUser({ username: 'a'.repeat(40) }),
      facts: cluster([database({ engine: 'mysql', version: '8.4' })]),
    },
  ],
};
