import type { Database } from '../../../api/types.generated.ts';
import { timeZoneFault } from '../checks/schedule.ts';
import type { Rule } from '../../rule.ts';
import { database, writes } from '../examples.ts';

const window = (fields: Readonly<Record<string, unknown>>): ReturnType<typeof database> =>
  database({ maintenanceWindow: { schedule: '0 3 * * SUN', duration: '2h', ...fields } });

export const windowTimeZone: Rule<Database> = {
  id: 'DB151',
  title: 'time zone of the maintenance window exists',
  kind: 'Database',
  on: writes,
  needs: 'spec.maintenanceWindow.timeZone',
  why: 'In an unknown zone nobody can say when the window opens.',
  remedy: 'Write an IANA name in its exact spelling, such as Europe/Berlin.',
  since: '0.1.0',
  severity: 'deny',
  check({ object }) {
    const fault = timeZoneFault('spec.maintenanceWindow.timeZone', object.spec.maintenanceWindow?.timeZone);
    return fault === undefined ? [] : [fault];
  },
  accepted: [{ title: 'a zone', object: window({ timeZone: 'Asia/Seoul' }) }],
  refused: [{ title: 'a misspelt one', object: window({ timeZone: 'Asia/Soul' }) }],
};
