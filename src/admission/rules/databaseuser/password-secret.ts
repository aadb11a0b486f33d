import type { DatabaseUser } from '../../../api/types.generated.ts';
import { secretFindings } from '../checks/destination.ts';
import type { Rule } from '../../rule.ts';
import { cluster, database, databaseUser, secret, writes } from '../examples.ts';
import { namespaceOf } from '../read.ts';

export const passwordSecret: Rule<DatabaseUser> = {
  id: 'DU030',
  title: 'password is there',
  kind: 'DatabaseUser',
  on: writes,
  needs: 'spec.passwordSecret.name',
  why: 'Without the key the user can not be made.',
  remedy: 'Make the Secret with the key that passwordSecret.key names (password by default).',
  since: '0.1.0',
  severity: 'deny',
  check({ object, facts }) {
    const { name, key = 'password' } = object.spec.passwordSecret ?? {};
    return secretFindings('spec.passwordSecret.name', { namespace: namespaceOf(object), name, keys: [key] }, facts);
  },
  accepted: [
    {
      title: 'the key is there',
      object: databaseUser({ passwordSecret: { name: 'chosen' } }),
      facts: cluster([database(), secret('chosen', ['password'])]),
    },
  ],
  refused: [
    {
      title: 'another key',
      object: databaseUser({ passwordSecret: { name: 'chosen' } }),
      facts: cluster([database(), secret('chosen', ['pass'])]),
    },
  ],
};
