import type { Database } from '../../../api/types.generated.ts';
import { bytesOf } from '../../../values/quantity-use.ts';
import { smallClaim } from '../checks/destination.ts';
import type { Rule } from '../../rule.ts';
import { database, writes } from '../examples.ts';

export const backupClaimSmall: Rule<Database> = {
  id: 'DB074',
  title: 'backup volume is smaller than the data',
  kind: 'Database',
  on: writes,
  needs: 'spec.backup.destination.pvc.size',
  why: 'Several dumps of the whole data lie there at once; when the volume is full, backups stop.',
  remedy: 'Make it twice the size of the database or more, or keep fewer backups.',
  since: '0.1.0',
  severity: 'warn',
  check({ object }) {
    const { backup, storage } = object.spec;
    const size = backup?.destination?.pvc?.size;
    return smallClaim('spec.backup.destination.pvc.size', size, { claim: bytesOf(size), data: bytesOf(storage?.size) });
  },
  accepted: [{ title: 'twice the data', object: database({ backup: { destination: { pvc: { size: '20Gi' } } } }) }],
  refused: [{ title: 'half the data', object: database({ backup: { destination: { pvc: { size: '5Gi' } } } }) }],
};
