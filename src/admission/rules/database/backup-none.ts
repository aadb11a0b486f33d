import type { Database } from '../../../api/types.generated.ts';
import { warning } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { database } from '../examples.ts';

export const backupNone: Rule<Database> = {
  id: 'DB077',
  title: 'data goes with the object and there is no backup',
  kind: 'Database',
  on: ['CREATE', 'UPDATE'],
  needs: 'spec.deletionPolicy',
  why: 'With deletionPolicy Delete and no backup one kubectl delete is the end of the data.',
  remedy: 'Enable backups, or keep deletionPolicy Retain.',
  since: '0.1.0',
  severity: 'warn',
  check({ object: { spec } }) {
    if (spec.deletionPolicy !== 'Delete' || spec.backup?.enabled === true) return [];
    return [
      warning(
        'spec.deletionPolicy',
        'Delete without backups: deleting the object is the end of the data; enable backup, or use Retain',
      ),
    ];
  },
  accepted: [
    { title: 'with backups', object: database({ deletionPolicy: 'Delete', backup: { enabled: true } }) },
    { title: 'retained', object: database() },
  ],
  refused: [{ title: 'without', object: database({ deletionPolicy: 'Delete' }) }],
};
