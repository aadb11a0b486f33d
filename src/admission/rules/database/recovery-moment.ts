import type { Database } from '../../../api/types.generated.ts';
import { forbidden } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { database, writes } from '../examples.ts';

export const recoveryMoment: Rule<Database> = {
  id: 'DB164',
  title: 'recovery ends where the backup ends',
  kind: 'Database',
  on: writes,
  needs: 'spec.bootstrap.recovery.targetTime',
  why: 'This release keeps no log of what was written between two backups, so it can not bring data to a moment between them.',
  remedy: 'Leave targetTime out: the data is that of the end of the backup. Choose an older backup by its path.',
  since: '0.1.0',
  severity: 'deny',
  check({ object }) {
    if (object.spec.bootstrap?.recovery.targetTime === undefined) return [];
    return [
      forbidden(
        'spec.bootstrap.recovery.targetTime',
        'this release restores whole backups only; remove it, and name an older backup by its path where that is meant',
      ),
    ];
  },
  accepted: [
    { title: 'the newest', object: database({ bootstrap: { recovery: { backupRef: { name: 'nightly' } } } }) },
  ],
  refused: [
    {
      title: 'a moment',
      object: database({ bootstrap: { recovery: { backupRef: { name: 'a' }, targetTime: '2025-01-01T00:00:00Z' } } }),
    },
  ],
};
