import type { Database } from '../../../api/types.generated.ts';
import { neverFires, scheduleFault } from '../checks/schedule.ts';
import { invalid } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { database, writes } from '../examples.ts';

const window = (fields: Readonly<Record<string, unknown>>): ReturnType<typeof database> =>
  database({ maintenanceWindow: { schedule: '0 3 * * SUN', duration: '2h', ...fields } });

export const windowSchedule: Rule<Database> = {
  id: 'DB150',
  title: 'maintenance window opens',
  kind: 'Database',
  on: writes,
  needs: 'spec.maintenanceWindow.schedule',
  why: 'A window that never opens holds back every change for ever.',
  remedy: 'Write five cron fields, such as "0 3 * * SUN".',
  since: '0.1.0',
  severity: 'deny',
  check({ object }) {
    const schedule = object.spec.maintenanceWindow?.schedule;
    const field = 'spec.maintenanceWindow.schedule';
    const fault = scheduleFault(field, schedule);
    if (fault !== undefined) return [fault];
    return neverFires(field, schedule).map(() =>
      invalid(field, schedule, 'never fires: there is no such day, so the window would never open; choose another day'),
    );
  },
  accepted: [{ title: 'Sunday at three', object: window({}) }],
  refused: [
    { title: 'Sunday as 7', object: window({ schedule: '0 3 * * 7' }) },
    { title: 'the 31st of February', object: window({ schedule: '0 3 31 2 *' }) },
  ],
};
