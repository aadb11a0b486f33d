import type { Database } from '../../../api/types.generated.ts';
import { backsUpToVolume } from '../../../desired/backup.ts';
import { backupClaimName } from '../../../desired/names.ts';
import { warning } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { database } from '../examples.ts';

export const deleteLosesData: Rule<Database> = {
  id: 'DB111',
  title: 'deletion ends the data',
  kind: 'Database',
  on: ['DELETE'],
  why: 'With deletionPolicy Delete the volumes and the credentials go with the object.',
  remedy: 'To keep them set spec.deletionPolicy to Retain before deleting.',
  since: '0.1.0',
  severity: 'warn',
  check({ object }) {
    if (object.spec.deletionPolicy !== 'Delete') return [];
    const backups = backsUpToVolume(object) ? `, backups on claim ${backupClaimName(object.metadata.name)}` : '';
    return [
      warning(
        'spec.deletionPolicy',
        `Delete: volumes, credentials${backups} and all data go now, and can not be brought back`,
      ),
    ];
  },
  accepted: [{ title: 'retained', object: database(), operation: 'DELETE' }],
  refused: [{ title: 'deleted', object: database({ deletionPolicy: 'Delete' }), operation: 'DELETE' }],
};
