import type { Database } from '../../../api/types.generated.ts';
import { forbidden } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { database, writes } from '../examples.ts';

export const recoveryNotYet: Rule<Database> = {
  id: 'DB160',
  title: 'recovery is not done by this release',
  kind: 'Database',
  on: writes,
  needs: 'spec.bootstrap',
  why: 'A Database that should begin with restored data would begin empty, and look healthy.',
  remedy: 'Make an empty Database and load the dump with the tools of the engine; a later release restores by itself.',
  since: '0.1.0',
  severity: 'deny',
  check({ object }) {
    if (object.spec.bootstrap === undefined) return [];
    return [
      forbidden(
        'spec.bootstrap',
        'this release can not restore: the Database would begin empty; remove bootstrap and load the dump yourself',
      ),
    ];
  },
  accepted: [{ title: 'a new Database', object: database() }],
  refused: [
    { title: 'from a backup', object: database({ bootstrap: { recovery: { backupRef: { name: 'nightly' } } } }) },
  ],
};
