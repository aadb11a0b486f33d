import type { DatabaseBackup } from '../../../api/types.generated.ts';
import { tooOften } from '../checks/schedule.ts';
import type { Rule } from '../../rule.ts';
import { databaseBackup, writes } from '../examples.ts';

export const scheduledBackupTooOften: Rule<DatabaseBackup> = {
  id: 'BK012',
  title: 'backups more often than one can take',
  kind: 'DatabaseBackup',
  on: writes,
  needs: 'spec.schedule',
  why: 'A backup is a full dump: started every few minutes the database is always busy with one.',
  remedy: 'Leave 15 minutes or more between two backups.',
  since: '0.1.0',
  severity: 'warn',
  check: ({ object }) => tooOften('spec.schedule', object.spec.schedule, 15 * 60),
  accepted: [{ title: 'nightly', object: databaseBackup() }],
  refused: [{ title: 'every five minutes', object: databaseBackup({ schedule: '*/5 * * * *' }) }],
};
