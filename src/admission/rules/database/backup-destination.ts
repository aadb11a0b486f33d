import type { Database } from '../../../api/types.generated.ts';
import { oneDestination } from '../checks/destination.ts';
import type { Rule } from '../../rule.ts';
import { database, writes } from '../examples.ts';

export const backupDestination: Rule<Database> = {
  id: 'DB066',
  title: 'one destination of backups',
  kind: 'Database',
  on: writes,
  needs: 'spec.backup.destination',
  why: 'A backup goes to one place; two would be two truths about what exists.',
  remedy: 'Give either destination.s3 or destination.pvc.',
  since: '0.1.0',
  severity: 'deny',
  check: ({ object }) => oneDestination('spec.backup.destination', object.spec.backup?.destination),
  accepted: [
    { title: 'a volume', object: database({ backup: { enabled: true, destination: { pvc: { size: '20Gi' } } } }) },
  ],
  refused: [
    {
      title: 'both',
      object: database({ backup: { destination: { pvc: {}, s3: { bucket: 'backups', region: 'eu-central-1' } } } }),
    },
    { title: 'neither', object: database({ backup: { destination: {} } }) },
  ],
};
