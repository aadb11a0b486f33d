import type { DatabaseUser } from '../../../api/types.generated.ts';
import { makeSafeIdentifier } from '../../../values/names.ts';
import { targetName, targetNamespace, targetOf } from '../checks/reference.ts';
import { referrers } from '../checks/referrers.ts';
import { forbidden, duplicate, unchecked } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { cluster, database, databaseUser, writes } from '../examples.ts';
import { namespaceOf } from '../read.ts';

/** The name that the user has, or will get, inside the server. */
const nameInServer = (user: DatabaseUser): string =>
  user.spec.username ?? makeSafeIdentifier(user.metadata.name, { maxLength: 63, reserved: [], reservedPrefixes: [] });

export const databaseUserUsernameOwner: Rule<DatabaseUser> = {
  id: 'DU013',
  title: 'user belongs to one object',
  kind: 'DatabaseUser',
  on: writes,
  why: 'Two objects that own one user would set its password and rights against each other, for ever.',
  remedy: 'Change the other object, or choose another username.',
  since: '0.1.0',
  severity: 'deny',
  check({ object, facts }) {
    const username = nameInServer(object);
    const target = targetOf(object, facts);
    if (target !== undefined && target.spec.username === username) {
      return [forbidden('spec.username', `is the owner of Database ${target.metadata.name} itself; choose another`)];
    }
    const reference = { namespace: targetNamespace(object), name: targetName(object), own: namespaceOf(object) };
    const { found, missing = {} } = referrers<DatabaseUser>('DatabaseUser', reference, facts);
    const isOther = (user: DatabaseUser): boolean =>
      user.metadata.name !== object.metadata.name || namespaceOf(user) !== namespaceOf(object);
    const rival = found.find((user) => isOther(user) && nameInServer(user) === username);
    if (rival === undefined) return unchecked('spec.username', 'whether another DatabaseUser owns this user', missing);
    return [
      duplicate(
        'spec.username',
        username,
        `DatabaseUser ${namespaceOf(rival)}/${rival.metadata.name} owns this user; change that object or choose another name`,
      ),
    ];
  },
  accepted: [
    {
      title: 'another user',
      object: databaseUser(),
      facts: cluster([database(), databaseUser({ username: 'audit' }, 'audit')]),
    },
    { title: 'itself', object: databaseUser(), facts: cluster([database(), databaseUser()]) },
  ],
  refused: [
    {
      title: 'owned by another object',
      object: databaseUser(),
      facts: cluster([database(), databaseUser({}, 'reporting-too')]),
    },
    {
      title: 'the owner of the database',
      object: databaseUser({ username: 'shop_app' }),
      facts: cluster([database({ username: 'shop_app' })]),
    },
  ],
};
