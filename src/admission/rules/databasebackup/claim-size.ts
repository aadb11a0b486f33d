import type { DatabaseBackup } from '../../../api/types.generated.ts';
import { claimSizeFault } from '../checks/destination.ts';
import type { Rule } from '../../rule.ts';
import { databaseBackup, writes } from '../examples.ts';

export const scheduledBackupClaimSize: Rule<DatabaseBackup> = {
  id: 'BK026',
  title: 'size of the volume is a quantity',
  kind: 'DatabaseBackup',
  on: writes,
  needs: 'spec.destination.pvc.size',
  why: 'It becomes the request of a volume.',
  remedy: 'Write a quantity such as 20Gi.',
  since: '0.1.0',
  severity: 'deny',
  check({ object }) {
    const fault = claimSizeFault('spec.destination.pvc.size', object.spec.destination?.pvc?.size);
    return fault === undefined ? [] : [fault];
  },
  accepted: [{ title: 'a quantity', object: databaseBackup({ destination: { pvc: { size: '20Gi' } } }) }],
  refused: [{ title: 'GB', object: databaseBackup({ destination: { pvc: { size: '20GB' } } }) }],
};
