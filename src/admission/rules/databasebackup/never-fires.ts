import type { DatabaseBackup } from '../../../api/types.generated.ts';
import { neverFires } from '../checks/schedule.ts';
import type { Rule } from '../../rule.ts';
import { databaseBackup, writes } from '../examples.ts';

export const scheduledBackupNeverFires: Rule<DatabaseBackup> = {
  id: 'BK011',
  title: 'schedule never fires',
  kind: 'DatabaseBackup',
  on: writes,
  needs: 'spec.schedule',
  why: 'There would be no backup at all, and no error either.',
  remedy: 'Choose a day that exists.',
  since: '0.1.0',
  severity: 'warn',
  check: ({ object }) => neverFires('spec.schedule', object.spec.schedule),
  accepted: [{ title: 'nightly', object: databaseBackup() }],
  refused: [{ title: 'the 31st of April', object: databaseBackup({ schedule: '0 2 31 4 *' }) }],
};
