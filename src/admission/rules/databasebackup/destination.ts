import type { DatabaseBackup } from '../../../api/types.generated.ts';
import { oneDestination } from '../checks/destination.ts';
import type { Rule } from '../../rule.ts';
import { databaseBackup, writes } from '../examples.ts';

export const scheduledBackupDestination: Rule<DatabaseBackup> = {
  id: 'BK020',
  title: 'one destination',
  kind: 'DatabaseBackup',
  on: writes,
  needs: 'spec.destination',
  why: 'A backup goes to one place.',
  remedy: 'Give either destination.s3 or destination.pvc.',
  since: '0.1.0',
  severity: 'deny',
  check: ({ object }) => oneDestination('spec.destination', object.spec.destination),
  accepted: [{ title: 'a volume', object: databaseBackup({ destination: { pvc: { size: '20Gi' } } }) }],
  refused: [
    { title: 'both', object: databaseBackup({ destination: { pvc: {}, s3: { bucket: 'backups', region: 'x' } } }) },
  ],
};
