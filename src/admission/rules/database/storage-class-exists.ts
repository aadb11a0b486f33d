import type { Database } from '../../../api/types.generated.ts';
import type { Rule } from '../../rule.ts';
import { classExists } from '../checks/storage.ts';
import { cluster, database } from '../examples.ts';

const fast = { name: 'fast-ssd', allowVolumeExpansion: true, isDefault: false };
const standard = { name: 'standard', allowVolumeExpansion: false, isDefault: true };

export const storageClassExists: Rule<Database> = {
  id: 'DB045',
  title: 'storage class exists',
  kind: 'Database',
  on: ['CREATE'],
  why: 'Volumes of a class that does not exist stay Pending, and the pods with them, until someone makes the class.',
  remedy: 'Name a class that the cluster has (kubectl get storageclass), or leave it out for the default class.',
  since: '0.1.0',
  severity: 'warn',
  check: ({ object, facts }) => classExists('spec.storage.storageClass', object.spec.storage?.storageClass, facts),
  accepted: [
    {
      title: 'a class of the cluster',
      object: database({ storage: { size: '10Gi', storageClass: 'fast-ssd' } }),
      facts: cluster([], [fast, standard]),
    },
    { title: 'the default class', object: database(), facts: cluster([], [standard]) },
  ],
  refused: [
    {
      title: 'misspelt',
      object: database({ storage: { size: '10Gi', storageClass: 'fast-sdd' } }),
      facts: cluster([], [fast, standard]),
    },
  ],
};
