import type { DatabaseUser } from '../../../api/types.generated.ts';
import { warning } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { databaseUser, writes } from '../examples.ts';

export const privilegeAdmin: Rule<DatabaseUser> = {
  id: 'DU025',
  title: 'user is an administrator',
  kind: 'DatabaseUser',
  on: writes,
  needs: 'spec.privileges',
  why: 'Whoever reads its Secret can take over the whole server.',
  remedy: 'Use owner of one database, where that is enough.',
  since: '0.1.0',
  severity: 'warn',
  check: ({ object }) =>
    (object.spec.privileges ?? []).flatMap(({ preset }, index) =>
      preset === 'admin'
        ? [
            warning(
              `spec.privileges[${index}].preset`,
              'admin: whoever reads its Secret can take over the server; owner is enough for migrations',
            ),
          ]
        : [],
    ),
  accepted: [{ title: 'an owner', object: databaseUser({ privileges: [{ preset: 'owner' }] }) }],
  refused: [{ title: 'admin', object: databaseUser({ privileges: [{ preset: 'admin' }] }) }],
};
