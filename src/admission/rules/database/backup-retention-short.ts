import type { Database } from '../../../api/types.generated.ts';
import { getIn } from '../../json.ts';
import type { Rule } from '../../rule.ts';
import { retentionTooShort } from '../checks/retention.ts';
import { database, writes } from '../examples.ts';

const defaultSchedule = '0 2 * * *';

export const backupRetentionShort: Rule<Database> = {
  id: 'DB065',
  title: 'backups are kept longer than one interval',
  kind: 'Database',
  on: writes,
  needs: 'spec.backup.retention',
  why: 'A backup that goes before the next one exists leaves days without any.',
  remedy: 'Keep backups longer than the longest pause of the schedule, or keep a number of them.',
  since: '0.1.0',
  severity: 'deny',
  check({ object, written }) {
    if (getIn(written, ['spec', 'backup', 'retention']) === undefined) return [];
    const { retention, schedule = defaultSchedule } = object.spec.backup ?? {};
    const fault = retentionTooShort('spec.backup.retention', retention, schedule);
    return fault === undefined ? [] : [fault];
  },
  accepted: [
    { title: 'longer', object: database({ backup: { enabled: true, schedule: '@weekly', retention: '4w' } }) },
  ],
  refused: [
    {
      title: 'a day, once a week',
      object: database({ backup: { enabled: true, schedule: '@weekly', retention: '1d' } }),
    },
  ],
};
