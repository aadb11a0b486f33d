import type { Database } from '../../../api/types.generated.ts';
import { warning } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { database } from '../examples.ts';

export const hibernateWarning: Rule<Database> = {
  id: 'DB115',
  title: 'hibernation stops every server',
  kind: 'Database',
  on: ['UPDATE'],
  needs: 'spec.hibernate',
  why: 'Clients lose the database until it is woken up.',
  remedy: 'Set spec.hibernate to false to start it again.',
  since: '0.1.0',
  severity: 'warn',
  check({ object, oldObject }) {
    if (object.spec.hibernate !== true || oldObject?.spec.hibernate === true) return [];
    return [
      warning(
        'spec.hibernate',
        'all servers stop, and clients are refused until it is set to false; volumes and credentials stay',
      ),
    ];
  },
  accepted: [
    {
      title: 'asleep already',
      object: database({ hibernate: true, deletionProtection: true }),
      oldObject: database({ hibernate: true }),
    },
  ],
  refused: [{ title: 'falls asleep', object: database({ hibernate: true }), oldObject: database() }],
};
