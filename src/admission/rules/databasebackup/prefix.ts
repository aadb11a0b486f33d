import type { DatabaseBackup } from '../../../api/types.generated.ts';
import { prefixFault } from '../checks/destination.ts';
import type { Rule } from '../../rule.ts';
import { databaseBackup, writes } from '../examples.ts';

const to = (s3: Readonly<Record<string, unknown>>): ReturnType<typeof databaseBackup> =>
  databaseBackup({ destination: { s3: { bucket: 'backups', region: 'eu-central-1', ...s3 } } });

export const scheduledBackupPrefix: Rule<DatabaseBackup> = {
  id: 'BK024',
  title: 'prefix is a clean path',
  kind: 'DatabaseBackup',
  on: writes,
  needs: 'spec.destination.s3.prefix',
  why: 'Object names that begin with / or climb with .. end up where nobody looks.',
  remedy: 'Write a path such as orders/ without a leading slash.',
  since: '0.1.0',
  severity: 'deny',
  check({ object }) {
    const fault = prefixFault('spec.destination.s3.prefix', object.spec.destination?.s3?.prefix);
    return fault === undefined ? [] : [fault];
  },
  accepted: [{ title: 'a folder', object: to({ prefix: 'orders/' }) }],
  refused: [{ title: 'a leading slash', object: to({ prefix: '/orders' }) }],
};
