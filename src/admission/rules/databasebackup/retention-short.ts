import type { DatabaseBackup } from '../../../api/types.generated.ts';
import { retentionTooShort } from '../checks/retention.ts';
import type { Rule } from '../../rule.ts';
import { databaseBackup, writes } from '../examples.ts';

export const scheduledBackupRetentionShort: Rule<DatabaseBackup> = {
  id: 'BK016',
  title: 'backups are kept longer than one interval',
  kind: 'DatabaseBackup',
  on: writes,
  needs: 'spec.retention',
  why: 'A backup that goes before the next one exists leaves days without any.',
  remedy: 'Keep backups longer than the longest pause of the schedule, or keep a number of them.',
  since: '0.1.0',
  severity: 'deny',
  check({ object: { spec } }) {
    if (spec.schedule === undefined) return [];
    const fault = retentionTooShort('spec.retention', spec.retention, spec.schedule);
    return fault === undefined ? [] : [fault];
  },
  accepted: [{ title: 'longer', object: databaseBackup({ retention: '7d' }) }],
  refused: [{ title: 'an hour, once a day', object: databaseBackup({ retention: '1h' }) }],
};
