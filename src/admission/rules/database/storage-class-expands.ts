import type { Database } from '../../../api/types.generated.ts';
import type { Rule } from '../../rule.ts';
import { classExpands } from '../checks/storage.ts';
import { cluster, database } from '../examples.ts';

const rigid = { name: 'local', allowVolumeExpansion: false, isDefault: true };
const elastic = { name: 'fast-ssd', allowVolumeExpansion: true, isDefault: true };

export const storageClassExpands: Rule<Database> = {
  id: 'DB046',
  title: 'storage class lets volumes grow',
  kind: 'Database',
  on: ['UPDATE'],
  why: 'On a class without volume expansion the larger size can never come true.',
  remedy:
    'Set allowVolumeExpansion: true on the class if its driver can do it, or make a larger Database and move the data.',
  since: '0.1.0',
  severity: 'deny',
  check: ({ object, oldObject, facts }) =>
    oldObject === undefined
      ? []
      : classExpands(
          'spec.storage.size',
          {
            before: oldObject.spec.storage?.size,
            after: object.spec.storage?.size,
            className: object.spec.storage?.storageClass,
          },
          facts,
        ),
  accepted: [
    {
      title: 'a class that can',
      object: database({ storage: { size: '20Gi' } }),
      oldObject: database(),
      facts: cluster([], [elastic]),
    },
  ],
  refused: [
    {
      title: 'a class that can not',
      object: database({ storage: { size: '20Gi' } }),
      oldObject: database(),
      facts: cluster([], [rigid]),
    },
  ],
};
