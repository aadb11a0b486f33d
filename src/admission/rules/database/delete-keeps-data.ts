import type { Database } from '../../../api/types.generated.ts';
import { warning } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { database } from '../examples.ts';
import { namespaceOf } from '../read.ts';

export const deleteKeepsData: Rule<Database> = {
  id: 'DB112',
  title: 'deletion leaves volumes behind',
  kind: 'Database',
  on: ['DELETE'],
  why: 'Under Retain volumes and credentials stay, and cost money until somebody deletes them.',
  remedy: 'A new Database of the same name finds them again; else delete them by hand.',
  since: '0.1.0',
  severity: 'warn',
  check({ object }) {
    if ((object.spec.deletionPolicy ?? 'Retain') !== 'Retain') return [];
    const { name } = object.metadata;
    const selector = `database.example.com/name=${name}`;
    return [
      warning(
        'spec.deletionPolicy',
        `Retain: volumes and Secrets of ${name} stay; a new Database ${name} finds them again, or: kubectl delete pvc,secret -n ${namespaceOf(object)} -l ${selector}`,
      ),
    ];
  },
  accepted: [{ title: 'deleted', object: database({ deletionPolicy: 'Delete' }), operation: 'DELETE' }],
  refused: [{ title: 'retained', object: database(), operation: 'DELETE' }],
};
