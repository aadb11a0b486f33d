import type { Database } from '../../../api/types.generated.ts';
import { shrinkFault } from '../checks/storage.ts';
import type { Rule } from '../../rule.ts';
import { database } from '../examples.ts';

export const backupClaimShrink: Rule<Database> = {
  id: 'DB076',
  title: 'backup volume never shrinks',
  kind: 'Database',
  on: ['UPDATE'],
  needs: 'spec.backup.destination.pvc.size',
  why: 'No volume in Kubernetes can be made smaller.',
  remedy: 'Put the old size or a larger one.',
  since: '0.1.0',
  severity: 'deny',
  check({ object, oldObject }) {
    const field = 'spec.backup.destination.pvc.size';
    const before = oldObject?.spec.backup?.destination?.pvc?.size;
    const fault = shrinkFault(field, before, object.spec.backup?.destination?.pvc?.size);
    return fault === undefined ? [] : [fault];
  },
  accepted: [
    {
      title: 'grows',
      object: database({ backup: { destination: { pvc: { size: '40Gi' } } } }),
      oldObject: database({ backup: { destination: { pvc: { size: '20Gi' } } } }),
    },
  ],
  refused: [
    {
      title: 'shrinks',
      object: database({ backup: { destination: { pvc: { size: '10Gi' } } } }),
      oldObject: database({ backup: { destination: { pvc: { size: '20Gi' } } } }),
    },
  ],
};
