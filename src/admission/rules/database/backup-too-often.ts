import type { Database } from '../../../api/types.generated.ts';
import type { Rule } from '../../rule.ts';
import { tooOften } from '../checks/schedule.ts';
import { database, writes } from '../examples.ts';

/** A dump of a small database takes minutes; two at once are never started. */
const leastSeconds = 15 * 60;

export const backupTooOften: Rule<Database> = {
  id: 'DB062',
  title: 'backups more often than one can take',
  kind: 'Database',
  on: writes,
  needs: 'spec.backup.schedule',
  why: 'A backup is a full dump: started every few minutes the database is always busy with one, and runs fall out.',
  remedy: 'Leave 15 minutes or more between two backups.',
  since: '0.1.0',
  severity: 'warn',
  check: ({ object }) => tooOften('spec.backup.schedule', object.spec.backup?.schedule, leastSeconds),
  accepted: [{ title: 'hourly', object: database({ backup: { enabled: true, schedule: '@hourly' } }) }],
  refused: [{ title: 'every minute', object: database({ backup: { enabled: true, schedule: '* * * * *' } }) }],
};
