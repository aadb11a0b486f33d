import type { Database } from '../../../api/types.generated.ts';
import { prefixFault } from '../checks/destination.ts';
import type { Rule } from '../../rule.ts';
import { database, writes } from '../examples.ts';

const to = (s3: Readonly<Record<string, unknown>>): ReturnType<typeof database> =>
  database({ backup: { enabled: true, destination: { s3: { bucket: 'backups', region: 'eu-central-1', ...s3 } } } });

export const backupPrefix: Rule<Database> = {
  id: 'DB071',
  title: 'prefix is a clean path',
  kind: 'Database',
  on: writes,
  needs: 'spec.backup.destination.s3.prefix',
  why: 'Object names that begin with / or climb with .. end up where nobody looks for them.',
  remedy: 'Write a path such as orders/ without a leading slash.',
  since: '0.1.0',
  severity: 'deny',
  check({ object }) {
    const fault = prefixFault('spec.backup.destination.s3.prefix', object.spec.backup?.destination?.s3?.prefix);
    return fault === undefined ? [] : [fault];
  },
  accepted: [{ title: 'a folder', object: to({ prefix: 'orders/' }) }],
  refused: [
    { title: 'a leading slash', object: to({ prefix: '/orders' }) },
    { title: 'climbing', object: to({ prefix: 'a/../b' }) },
  ],
};
