import type { Database } from '../../../api/types.generated.ts';
import { applicationUser } from '../../../engines/application.ts';
import { forbidden } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { database } from '../examples.ts';
import { engineOf } from '../read.ts';

export const usernameImmutable: Rule<Database> = {
  id: 'DB058',
  title: 'username never changes',
  kind: 'Database',
  on: ['UPDATE'],
  why: 'The user owns the application database; another name would lock the application out of it.',
  remedy: 'Put the old name back. Further users are DatabaseUser objects.',
  since: '0.1.0',
  severity: 'deny',
  check({ object, oldObject }) {
    const engine = engineOf(object);
    if (engine === undefined || oldObject === undefined) return [];
    const before = applicationUser(oldObject, engine);
    if (applicationUser(object, engine) === before) return [];
    return [
      forbidden(
        'spec.username',
        `the owner is ${before} and can't be renamed; put it back, and make further users as DatabaseUser objects`,
      ),
    ];
  },
  accepted: [{ title: 'left out', object: database(), oldObject: database({ username: 'admin' }) }],
  refused: [
    { title: 'another', object: database({ username: 'root_app' }), oldObject: database({ username: 'admin' }) },
  ],
};
