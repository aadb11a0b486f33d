import type { Database } from '../../../api/types.generated.ts';
import { engineOf } from '../read.ts';
import { forbidden } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { database, writes } from '../examples.ts';

const field = 'spec.bootstrap.recovery.targetTime';
const s3 = { bucket: 'backups', region: 'eu-central-1' };

export const recoveryMoment: Rule<Database> = {
  id: 'DB164',
  title: 'a moment is reached from a bucket with a log',
  kind: 'Database',
  on: writes,
  needs: field,
  why: 'Between two backups data can only be reached by replaying the log, which is stored in the bucket of spec.backup with pointInTime, and which this release keeps of PostgreSQL only.',
  remedy:
    'Name the bucket of the former Database in spec.bootstrap.recovery.s3; elsewhere leave targetTime out: the data is then that of the end of the backup.',
  since: '0.1.0',
  severity: 'deny',
  check({ object }) {
    const recovery = object.spec.bootstrap?.recovery;
    if (recovery?.targetTime === undefined) return [];
    const engine = engineOf(object);
    if (engine !== undefined && engine.runtime?.backup?.log === undefined) {
      return [
        forbidden(
          field,
          `no log of ${engine.title} is stored by this release; remove it, and name an older backup by its path`,
        ),
      ];
    }
    if (recovery.s3 !== undefined) return [];
    return [
      forbidden(
        field,
        'the log lies in the bucket of spec.backup: name that in spec.bootstrap.recovery.s3 instead of a DatabaseBackup',
      ),
    ];
  },
  accepted: [
    { title: 'the newest', object: database({ bootstrap: { recovery: { backupRef: { name: 'nightly' } } } }) },
    {
      title: 'a moment',
      object: database({ bootstrap: { recovery: { s3, targetTime: '2025-01-01T00:00:00Z' } } }),
    },
  ],
  refused: [
    {
      title: 'a moment from a DatabaseBackup',
      object: database({ bootstrap: { recovery: { backupRef: { name: 'a' }, targetTime: '2025-01-01T00:00:00Z' } } }),
    },
    {
      title: 'a moment of MySQL',
      object: database({
        engine: 'mysql',
        version: '8.0',
        bootstrap: { recovery: { s3, targetTime: '2025-01-01T00:00:00Z' } },
      }),
    },
  ],
};
