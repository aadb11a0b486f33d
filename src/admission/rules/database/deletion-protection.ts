import type { Database } from '../../../api/types.generated.ts';
import { forbidden } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { database } from '../examples.ts';
import { namespaceOf } from '../read.ts';

export const deletionProtection: Rule<Database> = {
  id: 'DB110',
  title: 'deletion protection is lifted before deletion',
  kind: 'Database',
  on: ['DELETE'],
  why: 'Somebody asked for this database not to go by mistake.',
  remedy:
    'Set spec.deletionProtection to false, then delete. Namespace deletion and garbage collection are not held up.',
  since: '0.1.0',
  severity: 'deny',
  check({ object }) {
    if (object.spec.deletionProtection !== true) return [];
    const { name } = object.metadata;
    const lift = `kubectl patch database ${name} -n ${namespaceOf(object)} --type merge -p '{"spec":{"deletionProtection":false}}'`;
    return [
      forbidden('spec.deletionProtection', `the Database is protected from deletion; to delete it run first: ${lift}`),
    ];
  },
  accepted: [{ title: 'not protected', object: database(), operation: 'DELETE' }],
  refused: [{ title: 'protected', object: database({ deletionProtection: true }), operation: 'DELETE' }],
};
