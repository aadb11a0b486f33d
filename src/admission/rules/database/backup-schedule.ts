import type { Database } from '../../../api/types.generated.ts';
import type { Rule } from '../../rule.ts';
import { scheduleFault } from '../checks/schedule.ts';
import { database, writes } from '../examples.ts';

const backup = (schedule: string): ReturnType<typeof database> => database({ backup: { enabled: true, schedule } });

export const backupSchedule: Rule<Database> = {
  id: 'DB060',
  title: 'backup schedule is a schedule',
  kind: 'Database',
  on: writes,
  needs: 'spec.backup.schedule',
  why: 'It becomes the schedule of a CronJob: what the CronJob controller does not take would never run.',
  remedy:
    'Write five cron fields, a name such as @daily, or an interval such as "@every 6h"; the zone goes into timeZone.',
  since: '0.1.0',
  severity: 'deny',
  check({ object }) {
    const fault = scheduleFault('spec.backup.schedule', object.spec.backup?.schedule);
    return fault === undefined ? [] : [fault];
  },
  accepted: [
    { title: 'five fields', object: backup('0 2 * * *') },
    { title: 'a name', object: backup('@daily') },
    { title: 'an interval', object: backup('@every 6h') },
  ],
  refused: [
    { title: 'hour 25', object: backup('0 25 * * *') },
    { title: 'six fields', object: backup('0 0 2 * * *') },
    { title: 'Sunday as 7', object: backup('0 2 * * 7') },
    { title: 'a zone inside', object: backup('TZ=Europe/Berlin 0 2 * * *') },
  ],
};
