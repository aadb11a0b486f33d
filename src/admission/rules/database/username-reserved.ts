import type { Database } from '../../../api/types.generated.ts';
import type { Rule } from '../../rule.ts';
import { reservedFault } from '../checks/identifiers.ts';
import { database, writes } from '../examples.ts';
import { engineOf } from '../read.ts';

export const usernameReserved: Rule<Database> = {
  id: 'DB056',
  title: "username is not the engine's own",
  kind: 'Database',
  on: writes,
  needs: 'spec.username',
  why: "The engine's own users are its superusers; the operator keeps them for itself.",
  remedy: 'Choose another name; admin is free on PostgreSQL.',
  since: '0.1.0',
  severity: 'deny',
  check({ object }) {
    const engine = engineOf(object);
    const { username } = object.spec;
    if (engine === undefined || username === undefined) return [];
    const fault = reservedFault('spec.username', username, engine.userIdentifier, engine.title);
    return fault === undefined ? [] : [fault];
  },
  accepted: [{ title: 'admin on PostgreSQL', object: database({ username: 'admin' }) }],
  refused: [
    { title: 'the superuser', object: database({ username: 'postgres' }) },
    { title: 'a prefix of the engine', object: database({ username: 'pg_monitor' }) },
    { title: 'root on MySQL', object: database({ engine: 'mysql', version: '8.4', username: 'root' }) },
  ],
};
