import type { DatabaseBackup } from '../../../api/types.generated.ts';
import { retentionFault } from '../checks/retention.ts';
import type { Rule } from '../../rule.ts';
import { databaseBackup, writes } from '../examples.ts';

export const scheduledBackupRetention: Rule<DatabaseBackup> = {
  id: 'BK015',
  title: 'retention is an age or a number',
  kind: 'DatabaseBackup',
  on: writes,
  needs: 'spec.retention',
  why: 'What is not understood can only be kept for ever or not at all.',
  remedy: 'Write an age such as 30d or 4w, or the whole number of backups to keep.',
  since: '0.1.0',
  severity: 'deny',
  check({ object }) {
    const fault = retentionFault('spec.retention', object.spec.retention);
    return fault === undefined ? [] : [fault];
  },
  accepted: [{ title: 'thirty days', object: databaseBackup({ retention: '30d' }) }],
  refused: [{ title: 'words', object: databaseBackup({ retention: 'a month' }) }],
};
