import type { DatabaseUser } from '../../../api/types.generated.ts';
import { privilegeEngine } from '../checks/privileges.ts';
import { targetEngine } from '../checks/reference.ts';
import type { Rule } from '../../rule.ts';
import { cluster, database, databaseUser, writes } from '../examples.ts';

export const privilegeOfEngine: Rule<DatabaseUser> = {
  id: 'DU021',
  title: 'privileges are those of the engine',
  kind: 'DatabaseUser',
  on: writes,
  needs: 'spec.privileges',
  why: 'Another engine has other rights and other things to grant them on.',
  remedy: 'Use the rights of the engine of the Database.',
  since: '0.1.0',
  severity: 'deny',
  check({ object, facts }) {
    const engine = targetEngine(object, facts);
    return engine === undefined ? [] : privilegeEngine(object.spec.privileges ?? [], engine);
  },
  accepted: [
    {
      title: 'PostgreSQL',
      object: databaseUser({ privileges: [{ grant: ['SELECT', 'UPDATE'], schema: 'public', table: 'orders' }] }),
      facts: cluster([database()]),
    },
  ],
  refused: [
    {
      title: 'a right that is none',
      object: databaseUser({ privileges: [{ grant: ['SELCT'] }] }),
      facts: cluster([database()]),
    },
    {
      title: 'a collection in PostgreSQL',
      object: databaseUser({ privileges: [{ grant: ['SELECT'], collection: 'orders' }] }),
      facts: cluster([database()]),
    },
    {
      title: 'a schema in MySQL',
      object: databaseUser({ privileges: [{ grant: ['SELECT'], schema: 'public' }] }),
      facts: cluster([database({ engine: 'mysql', version: '8.4' })]),
    },
  ],
};
