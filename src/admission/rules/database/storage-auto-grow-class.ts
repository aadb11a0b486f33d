import type { Database } from '../../../api/types.generated.ts';
import { notChecked, warning } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { cluster, database, writes } from '../examples.ts';

const rigid = { name: 'local', allowVolumeExpansion: false, isDefault: true };
const elastic = { name: 'fast-ssd', allowVolumeExpansion: true, isDefault: true };
const growing = database({ storage: { size: '10Gi', autoGrow: { max: '100Gi' } } });

export const storageAutoGrowClass: Rule<Database> = {
  id: 'DB048',
  title: 'automatic growth has a class that lets volumes grow',
  kind: 'Database',
  on: writes,
  needs: 'spec.storage.autoGrow',
  why: 'On a class without volume expansion nothing grows, and the volume fills up in spite of what the spec says.',
  remedy:
    'Set allowVolumeExpansion: true on the class if its driver can do it, or name another class when the Database is made.',
  since: '0.2.0',
  severity: 'warn',
  check({ object, facts }) {
    const { autoGrow, storageClass } = object.spec.storage ?? {};
    if (autoGrow === undefined) return [];
    const field = 'spec.storage.autoGrow';
    const classes = facts.storageClasses();
    if (!classes.known) return [notChecked(field, 'whether the StorageClass lets volumes grow', classes.why)];
    const used = classes.value.find(({ name, isDefault }) =>
      storageClass === undefined ? isDefault : name === storageClass,
    );
    if (used === undefined || used.allowVolumeExpansion) return [];
    return [
      warning(
        field,
        `StorageClass ${used.name} lets no volume grow, so nothing will; set allowVolumeExpansion: true on the class if its driver can`,
      ),
    ];
  },
  accepted: [{ title: 'a class that can', object: growing, facts: cluster([], [elastic]) }],
  refused: [{ title: 'a class that can not', object: growing, facts: cluster([], [rigid]) }],
};
