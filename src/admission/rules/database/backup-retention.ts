import type { Database } from '../../../api/types.generated.ts';
import type { Rule } from '../../rule.ts';
import { retentionFault } from '../checks/retention.ts';
import { database, writes } from '../examples.ts';

const keep = (retention: number | string): ReturnType<typeof database> =>
  database({ backup: { enabled: true, retention } });

export const backupRetention: Rule<Database> = {
  id: 'DB064',
  title: 'backup retention is an age or a number',
  kind: 'Database',
  on: writes,
  needs: 'spec.backup.retention',
  why: 'What is not understood can only be kept for ever or not at all, and neither was meant.',
  remedy: 'Write an age such as 12h, 30d, 4w or 1y, or the whole number of backups to keep.',
  since: '0.1.0',
  severity: 'deny',
  check({ object }) {
    const fault = retentionFault('spec.backup.retention', object.spec.backup?.retention);
    return fault === undefined ? [] : [fault];
  },
  accepted: [
    { title: 'thirty days', object: keep('30d') },
    { title: 'the last seven', object: keep(7) },
  ],
  refused: [
    { title: 'words', object: keep('30 days') },
    { title: 'none', object: keep(0) },
  ],
};
