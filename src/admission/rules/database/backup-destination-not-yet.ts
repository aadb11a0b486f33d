import type { Database } from '../../../api/types.generated.ts';
import { warning } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { database, writes } from '../examples.ts';

export const backupDestinationNotYet: Rule<Database> = {
  id: 'DB070',
  title: 'backups to S3 are not made by this release',
  kind: 'Database',
  on: writes,
  needs: 'spec.backup.destination.s3',
  why: 'The part that writes to a bucket comes with a later release: until then there would be no backup, and nobody would notice.',
  remedy: 'Use destination.pvc; the condition BackupReady says DestinationNotSupported until the release that can.',
  since: '0.1.0',
  severity: 'warn',
  check({ object }) {
    const { enabled, destination } = object.spec.backup ?? {};
    if (enabled !== true || destination?.s3 === undefined) return [];
    return [
      warning(
        'spec.backup.destination.s3',
        'this release makes no backups to S3, so there will be none; use destination.pvc',
      ),
    ];
  },
  accepted: [
    { title: 'a volume', object: database({ backup: { enabled: true, destination: { pvc: { size: '20Gi' } } } }) },
  ],
  refused: [
    {
      title: 'a bucket',
      object: database({
        backup: { enabled: true, destination: { s3: { bucket: 'backups', region: 'eu-central-1' } } },
      }),
    },
  ],
};
