import type { DatabaseUser } from '../../../api/types.generated.ts';
import { forbidden } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { databaseUser } from '../examples.ts';

export const databaseUserUsernameImmutable: Rule<DatabaseUser> = {
  id: 'DU012',
  title: 'username never changes',
  kind: 'DatabaseUser',
  on: ['UPDATE'],
  why: 'The old user would stay behind with its rights and its password.',
  remedy: 'Make a new DatabaseUser, and delete this one.',
  since: '0.1.0',
  severity: 'deny',
  check({ object, oldObject }) {
    const before = oldObject?.spec.username;
    const after = object.spec.username;
    if (oldObject === undefined || before === undefined || after === before) return [];
    return [
      forbidden(
        'spec.username',
        `the user is ${before} and can't be renamed; make a new DatabaseUser for ${after ?? 'another'}`,
      ),
    ];
  },
  accepted: [{ title: 'left out', object: databaseUser({ username: undefined }), oldObject: databaseUser() }],
  refused: [{ title: 'another', object: databaseUser({ username: 'audit' }), oldObject: databaseUser() }],
};
