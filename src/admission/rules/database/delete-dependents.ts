import type { Database } from '../../../api/types.generated.ts';
import { referrers } from '../checks/referrers.ts';
import { unchecked, warning } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { cluster, database, databaseUser } from '../examples.ts';
import { namespaceOf } from '../read.ts';

const kinds = ['DatabaseUser', 'DatabaseBackup', 'DatabaseMonitor', 'MultiTenantDatabase'] as const;
const shown = 3;

export const deleteDependents: Rule<Database> = {
  id: 'DB113',
  title: 'other objects still need the Database',
  kind: 'Database',
  on: ['DELETE'],
  why: 'Users, backups, monitors and tenants of a Database that is gone can do nothing any more.',
  remedy: 'Delete them first, or make a Database of the same name again.',
  since: '0.1.0',
  severity: 'warn',
  check({ object, facts }) {
    const target = { namespace: namespaceOf(object), name: object.metadata.name };
    const looked = kinds.map((kind) => ({ kind, ...referrers(kind, target, facts) }));
    const dependents = looked.flatMap(({ kind, found }) =>
      found.map((other) => `${kind} ${namespaceOf(other)}/${other.metadata.name}`),
    );
    const missing = looked.find((one) => one.missing !== undefined)?.missing ?? {};
    if (dependents.length === 0) return unchecked('metadata.name', 'whether other objects still need it', missing);
    const more = dependents.length > shown ? ` and ${dependents.length - shown} more` : '';
    return [warning('metadata.name', `still needed by ${dependents.slice(0, shown).join(', ')}${more}`)];
  },
  accepted: [
    {
      title: 'nobody',
      object: database(),
      operation: 'DELETE',
      facts: cluster([databaseUser({ databaseRef: { name: 'other' } })]),
    },
  ],
  refused: [{ title: 'a user', object: database(), operation: 'DELETE', facts: cluster([databaseUser()]) }],
};
