import type { DatabaseBackup } from '../../../api/types.generated.ts';
import { neverFires, scheduleFault } from '../checks/schedule.ts';
import type { Rule } from '../../rule.ts';
import { databaseBackup, writes } from '../examples.ts';

export const scheduledBackupVerifySchedule: Rule<DatabaseBackup> = {
  id: 'BK031',
  title: 'verification has a schedule that fires',
  kind: 'DatabaseBackup',
  on: writes,
  needs: 'spec.verify.schedule',
  why: 'A proof that never runs proves nothing.',
  remedy: 'Write five cron fields on a day that exists, or leave it out to verify every backup.',
  since: '0.1.0',
  severity: 'deny',
  check({ object }) {
    const schedule = object.spec.verify?.schedule;
    const fault = scheduleFault('spec.verify.schedule', schedule);
    return fault === undefined ? neverFires('spec.verify.schedule', schedule) : [fault];
  },
  accepted: [{ title: 'weekly', object: databaseBackup({ verify: { enabled: true, schedule: '@weekly' } }) }],
  refused: [{ title: 'no cron', object: databaseBackup({ verify: { enabled: true, schedule: 'weekly' } }) }],
};
