import type { Database } from '../../../api/types.generated.ts';
import { warning } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { database, writes } from '../examples.ts';

export const snapshotNowhere: Rule<Database> = {
  id: 'DB114',
  title: 'last backup has nowhere to go',
  kind: 'Database',
  on: writes,
  needs: 'spec.deletionPolicy',
  why: 'With deletionPolicy Snapshot a last backup is made before the volumes go; without a place for it, nothing is deleted.',
  remedy: 'Set backup.enabled to true, or use Retain.',
  since: '0.1.0',
  severity: 'warn',
  check({ object: { spec } }) {
    if (spec.deletionPolicy !== 'Snapshot') return [];
    if (spec.backup?.enabled === true) return [];
    return [
      warning(
        'spec.deletionPolicy',
        'Snapshot needs a place for the last backup: without spec.backup the data is kept when the object goes',
      ),
    ];
  },
  accepted: [
    {
      title: 'a volume',
      object: database({ deletionPolicy: 'Snapshot', backup: { enabled: true, destination: { pvc: {} } } }),
    },
  ],
  refused: [
    { title: 'none', object: database({ deletionPolicy: 'Snapshot' }) },
    { title: 'backups are off', object: database({ deletionPolicy: 'Snapshot', backup: { enabled: false } }) },
  ],
};
