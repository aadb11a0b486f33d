import type { Database } from '../../../api/types.generated.ts';
import { endpointFaults } from '../checks/destination.ts';
import { required, forbidden } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { database, writes } from '../examples.ts';

export const recoverySource: Rule<Database> = {
  id: 'DB161',
  title: 'one source of recovery',
  kind: 'Database',
  on: writes,
  needs: 'spec.bootstrap.recovery',
  why: 'Data can come from one backup only.',
  remedy: 'Give either recovery.backupRef or recovery.s3.',
  since: '0.1.0',
  severity: 'deny',
  check({ object }) {
    const recovery = object.spec.bootstrap?.recovery;
    if (recovery === undefined) return [];
    const { backupRef, s3 } = recovery;
    if (backupRef !== undefined && s3 !== undefined)
      return [forbidden('spec.bootstrap.recovery', 'only one of backupRef and s3 may be given; remove the other')];
    if (backupRef === undefined && s3 === undefined)
      return [required('spec.bootstrap.recovery', 'give backupRef or s3')];
    return s3 === undefined ? [] : endpointFaults('spec.bootstrap.recovery.s3', s3);
  },
  accepted: [{ title: 'no recovery', object: database() }],
  refused: [
    {
      title: 'two sources',
      object: database({ bootstrap: { recovery: { backupRef: { name: 'a' }, s3: { bucket: 'b-c', region: 'x' } } } }),
    },
    { title: 'none', object: database({ bootstrap: { recovery: {} } }) },
  ],
};
