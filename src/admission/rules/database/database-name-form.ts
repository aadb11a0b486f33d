import type { Database } from '../../../api/types.generated.ts';
import type { Rule } from '../../rule.ts';
import { identifierFault } from '../checks/identifiers.ts';
import { database, writes } from '../examples.ts';
import { engineOf } from '../read.ts';

export const databaseNameForm: Rule<Database> = {
  id: 'DB053',
  title: 'databaseName is a name that the engine takes',
  kind: 'Database',
  on: writes,
  needs: 'spec.databaseName',
  why: 'The engine would refuse to make it, or would need it quoted everywhere.',
  remedy: 'Use letters, digits and _, beginning with a letter, within the length of the engine.',
  since: '0.1.0',
  severity: 'deny',
  check({ object }) {
    const engine = engineOf(object);
    const { databaseName } = object.spec;
    if (engine === undefined || databaseName === undefined) return [];
    const fault = identifierFault('spec.databaseName', databaseName, engine.databaseIdentifier, engine.title);
    return fault === undefined ? [] : [fault];
  },
  accepted: [{ title: 'plain', object: database({ databaseName: 'shop' }) }],
  refused: [
    { title: 'a quote', object: database({ databaseName: 'shop"; drop' }) },
    { title: 'too long', object: database({ databaseName: 'a'.repeat(64) }) },
  ],
};
