import type { Database } from '../../../api/types.generated.ts';
import { classExists } from '../checks/storage.ts';
import type { Rule } from '../../rule.ts';
import { cluster, database } from '../examples.ts';

export const backupClaimClass: Rule<Database> = {
  id: 'DB075',
  title: 'storage class of the backup volume exists',
  kind: 'Database',
  on: ['CREATE'],
  needs: 'spec.backup.destination.pvc.storageClass',
  why: 'A volume of a class that does not exist stays Pending, and so does every backup.',
  remedy: 'Name a class that the cluster has, or leave it out for the default class.',
  since: '0.1.0',
  severity: 'warn',
  check({ object, facts }) {
    const name = object.spec.backup?.destination?.pvc?.storageClass;
    return name === undefined ? [] : classExists('spec.backup.destination.pvc.storageClass', name, facts);
  },
  accepted: [
    {
      title: 'a class of the cluster',
      object: database({ backup: { destination: { pvc: { storageClass: 'cold' } } } }),
      facts: cluster([], [{ name: 'cold', allowVolumeExpansion: true, isDefault: true }]),
    },
  ],
  refused: [
    {
      title: 'misspelt',
      object: database({ backup: { destination: { pvc: { storageClass: 'could' } } } }),
      facts: cluster([], [{ name: 'cold', allowVolumeExpansion: true, isDefault: true }]),
    },
  ],
};
