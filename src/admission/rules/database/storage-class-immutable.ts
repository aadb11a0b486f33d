import type { Database } from '../../../api/types.generated.ts';
import type { Rule } from '../../rule.ts';
import { classImmutable } from '../checks/storage.ts';
import { database } from '../examples.ts';

export const storageClassImmutable: Rule<Database> = {
  id: 'DB044',
  title: 'storage class never changes',
  kind: 'Database',
  on: ['UPDATE'],
  needs: 'spec.storage.storageClass',
  why: 'A volume can not move to another class; only new volumes would get it.',
  remedy: 'Put the old class back, or make a new Database with the other class and move the data.',
  since: '0.1.0',
  severity: 'deny',
  check: ({ object, oldObject }) =>
    classImmutable(
      'spec.storage.storageClass',
      oldObject?.spec.storage?.storageClass,
      object.spec.storage?.storageClass,
      'Database',
    ),
  accepted: [
    {
      title: 'left out',
      object: database(),
      oldObject: database({ storage: { size: '10Gi', storageClass: 'fast-ssd' } }),
    },
  ],
  refused: [
    {
      title: 'another class',
      object: database({ storage: { size: '10Gi', storageClass: 'standard' } }),
      oldObject: database({ storage: { size: '10Gi', storageClass: 'fast-ssd' } }),
    },
  ],
};
