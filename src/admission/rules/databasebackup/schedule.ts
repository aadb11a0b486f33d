import type { DatabaseBackup } from '../../../api/types.generated.ts';
import { scheduleFault } from '../checks/schedule.ts';
import type { Rule } from '../../rule.ts';
import { databaseBackup, writes } from '../examples.ts';

export const scheduledBackupSchedule: Rule<DatabaseBackup> = {
  id: 'BK010',
  title: 'schedule is a schedule',
  kind: 'DatabaseBackup',
  on: writes,
  needs: 'spec.schedule',
  why: 'It becomes the schedule of a CronJob.',
  remedy: 'Write five cron fields, a name such as @daily, or an interval such as "@every 6h".',
  since: '0.1.0',
  severity: 'deny',
  check({ object }) {
    const fault = scheduleFault('spec.schedule', object.spec.schedule);
    return fault === undefined ? [] : [fault];
  },
  accepted: [
    { title: 'nightly', object: databaseBackup() },
    { title: 'at once', object: databaseBackup({ schedule: undefined }) },
  ],
  refused: [{ title: 'hour 25', object: databaseBackup({ schedule: '0 25 * * *' }) }],
};
