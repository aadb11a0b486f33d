import type { Database } from '../../../api/types.generated.ts';
import { backsUpToVolume } from '../../../desired/backup.ts';
import { backupClaimName } from '../../../desired/names.ts';
import { warning } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { database } from '../examples.ts';

const withBackup = { deletionPolicy: 'Snapshot', backup: { enabled: true, destination: { pvc: { size: '20Gi' } } } };

export const deleteAfterBackup: Rule<Database> = {
  id: 'DB116',
  title: 'deletion makes a last backup first',
  kind: 'Database',
  on: ['DELETE'],
  why: 'With deletionPolicy Snapshot the volumes and the credentials go once the last backup has succeeded.',
  remedy: 'To keep them set spec.deletionPolicy to Retain before deleting.',
  since: '0.1.0',
  severity: 'warn',
  check({ object }) {
    const { spec, metadata } = object;
    if (spec.deletionPolicy !== 'Snapshot') return [];
    const claim = backupClaimName(metadata.name);
    const obstacle = !backsUpToVolume(object)
      ? 'spec.backup has no volume for it'
      : spec.hibernate === true
        ? 'the database hibernates'
        : undefined;
    return [
      warning(
        'spec.deletionPolicy',
        obstacle === undefined
          ? `Snapshot: a last backup goes to claim ${claim}, which stays; then volumes and Secrets go; if it fails they stay`
          : `Snapshot: no last backup can be made (${obstacle}), so volumes and Secrets stay`,
      ),
    ];
  },
  accepted: [{ title: 'retained', object: database(), operation: 'DELETE' }],
  refused: [
    { title: 'a backup, then the end', object: database(withBackup), operation: 'DELETE' },
    { title: 'no backup is possible', object: database({ deletionPolicy: 'Snapshot' }), operation: 'DELETE' },
  ],
};
