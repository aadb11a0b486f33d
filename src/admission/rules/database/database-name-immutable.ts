import type { Database } from '../../../api/types.generated.ts';
import { applicationDatabase } from '../../../engines/application.ts';
import { forbidden } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { database } from '../examples.ts';
import { engineOf } from '../read.ts';

export const databaseNameImmutable: Rule<Database> = {
  id: 'DB057',
  title: 'databaseName never changes',
  kind: 'Database',
  on: ['UPDATE'],
  why: 'The database was made at the first start; another name would point applications at nothing.',
  remedy: 'Put the old name back. A further database inside the server is made with its own tools.',
  since: '0.1.0',
  severity: 'deny',
  check({ object, oldObject }) {
    const engine = engineOf(object);
    if (engine === undefined || oldObject === undefined) return [];
    const before = applicationDatabase(oldObject, engine);
    if (applicationDatabase(object, engine) === before) return [];
    return [forbidden('spec.databaseName', `the database is ${before} and can't be renamed; put it back`)];
  },
  accepted: [
    { title: 'the name that it had by default', object: database({ databaseName: 'orders' }), oldObject: database() },
    { title: 'left out', object: database(), oldObject: database({ databaseName: 'shop' }) },
  ],
  refused: [
    { title: 'another', object: database({ databaseName: 'shop' }), oldObject: database({ databaseName: 'mydb' }) },
    { title: 'another than the default', object: database({ databaseName: 'shop' }), oldObject: database() },
  ],
};
