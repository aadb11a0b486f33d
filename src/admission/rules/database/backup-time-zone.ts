import type { Database } from '../../../api/types.generated.ts';
import type { Rule } from '../../rule.ts';
import { timeZoneFault } from '../checks/schedule.ts';
import { database, writes } from '../examples.ts';

const zone = (timeZone: string): ReturnType<typeof database> => database({ backup: { enabled: true, timeZone } });

export const backupTimeZone: Rule<Database> = {
  id: 'DB063',
  title: 'backup time zone exists',
  kind: 'Database',
  on: writes,
  needs: 'spec.backup.timeZone',
  why: 'Kubernetes refuses a CronJob in a zone that it does not know, and the case of the name counts.',
  remedy: 'Write an IANA name in its exact spelling, such as Europe/Berlin, or leave it out for UTC.',
  since: '0.1.0',
  severity: 'deny',
  check({ object }) {
    const fault = timeZoneFault('spec.backup.timeZone', object.spec.backup?.timeZone);
    return fault === undefined ? [] : [fault];
  },
  accepted: [
    { title: 'a zone', object: zone('Europe/Berlin') },
    { title: 'a link', object: zone('US/Pacific') },
  ],
  refused: [
    { title: 'another case', object: zone('europe/berlin') },
    { title: 'an offset', object: zone('+02:00') },
  ],
};
