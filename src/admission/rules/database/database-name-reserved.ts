import type { Database } from '../../../api/types.generated.ts';
import type { Rule } from '../../rule.ts';
import { reservedFault } from '../checks/identifiers.ts';
import { database, writes } from '../examples.ts';
import { engineOf } from '../read.ts';

export const databaseNameReserved: Rule<Database> = {
  id: 'DB054',
  title: "databaseName is not the engine's own",
  kind: 'Database',
  on: writes,
  needs: 'spec.databaseName',
  why: 'The engine makes databases of its own for its own use, such as template0 or mysql.',
  remedy: 'Choose another name.',
  since: '0.1.0',
  severity: 'deny',
  check({ object }) {
    const engine = engineOf(object);
    const { databaseName } = object.spec;
    if (engine === undefined || databaseName === undefined) return [];
    const fault = reservedFault('spec.databaseName', databaseName, engine.databaseIdentifier, engine.title);
    return fault === undefined ? [] : [fault];
  },
  accepted: [{ title: 'free', object: database({ databaseName: 'mydb' }) }],
  refused: [
    { title: 'a template', object: database({ databaseName: 'template0' }) },
    { title: "MySQL's own", object: database({ engine: 'mysql', version: '8.4', databaseName: 'mysql' }) },
  ],
};
