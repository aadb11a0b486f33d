import type { Database } from '../../../api/types.generated.ts';
import { claimSizeFault } from '../checks/destination.ts';
import type { Rule } from '../../rule.ts';
import { database, writes } from '../examples.ts';

export const backupClaimSize: Rule<Database> = {
  id: 'DB073',
  title: 'size of the backup volume is a quantity',
  kind: 'Database',
  on: writes,
  needs: 'spec.backup.destination.pvc.size',
  why: 'It becomes the request of a volume, which must be a positive quantity.',
  remedy: 'Write a quantity such as 20Gi.',
  since: '0.1.0',
  severity: 'deny',
  check({ object }) {
    const fault = claimSizeFault('spec.backup.destination.pvc.size', object.spec.backup?.destination?.pvc?.size);
    return fault === undefined ? [] : [fault];
  },
  accepted: [{ title: 'a quantity', object: database({ backup: { destination: { pvc: { size: '20Gi' } } } }) }],
  refused: [
    { title: 'K', object: database({ backup: { destination: { pvc: { size: '500K' } } } }) },
    { title: 'nothing', object: database({ backup: { destination: { pvc: { size: 0 } } } }) },
  ],
};
