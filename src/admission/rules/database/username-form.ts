import type { Database } from '../../../api/types.generated.ts';
import type { Rule } from '../../rule.ts';
import { identifierFault } from '../checks/identifiers.ts';
import { database, writes } from '../examples.ts';
import { engineOf } from '../read.ts';

export const usernameForm: Rule<Database> = {
  id: 'DB055',
  title: 'username is a name that the engine takes',
  kind: 'Database',
  on: writes,
  needs: 'spec.username',
  why: 'The engine would refuse to make it, or would need it quoted everywhere.',
  remedy: 'Use letters, digits and _, beginning with a letter, within the length of the engine (32 on MySQL).',
  since: '0.1.0',
  severity: 'deny',
  check({ object }) {
    const engine = engineOf(object);
    const { username } = object.spec;
    if (engine === undefined || username === undefined) return [];
    const fault = identifierFault('spec.username', username, engine.userIdentifier, engine.title);
    return fault === undefined ? [] : [fault];
  },
  accepted: [{ title: 'plain', object: database({ username: 'shop_app' }) }],
  refused: [
    { title: 'a quote', object: database({ username: "o'hara" }) },
    { title: 'too long for MySQL', object: database({ engine: 'mysql', version: '8.4', username: 'a'.repeat(33) }) },
  ],
};
