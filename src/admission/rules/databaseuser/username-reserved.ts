import type { DatabaseUser } from '../../../api/types.generated.ts';
import { reservedFault } from '../checks/identifiers.ts';
import { targetEngine } from '../checks/reference.ts';
import type { Rule } from '../../rule.ts';
import { cluster, database, databaseUser, writes } from '../examples.ts';

export const databaseUserUsernameReserved: Rule<DatabaseUser> = {
  id: 'DU011',
  title: "username is not the engine's own",
  kind: 'DatabaseUser',
  on: writes,
  needs: 'spec.username',
  why: "The engine's own users are its superusers.",
  remedy: 'Choose another name.',
  since: '0.1.0',
  severity: 'deny',
  check({ object, facts }) {
    const engine = targetEngine(object, facts);
    const { username } = object.spec;
    if (engine === undefined || username === undefined) return [];
    const fault = reservedFault('spec.username', username, engine.userIdentifier, engine.title);
    return fault === undefined ? [] : [fault];
  },
  accepted: [{ title: 'plain', object: databaseUser(), facts: cluster([database()]) }],
  refused: [
    { title: 'the superuser', object: databaseUser({ username: 'postgres' }), facts: cluster([database()]) },
    {
      title: 'root',
      object: databaseUser({ username: 'root' }),
      facts: cluster([database({ engine: 'mysql', version: '8.4' })]),
    },
  ],
};
