import type { Database } from '../../../api/types.generated.ts';
import { sameJson } from '../../json.ts';
import { forbidden } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { database } from '../examples.ts';

export const bootstrapLate: Rule<Database> = {
  id: 'DB163',
  title: 'bootstrap comes first or not at all',
  kind: 'Database',
  on: ['UPDATE'],
  needs: 'spec.bootstrap',
  why: 'It is read once, when the database is made; later it would change nothing, or seem to.',
  remedy: 'Remove it, or make a new Database with it.',
  since: '0.1.0',
  severity: 'deny',
  check({ object, oldObject }) {
    const { bootstrap } = object.spec;
    if (oldObject === undefined || bootstrap === undefined || sameJson(bootstrap, oldObject.spec.bootstrap)) return [];
    return [
      forbidden(
        'spec.bootstrap',
        'is read only when the database is made: it can be removed, but not added or changed; make a new Database',
      ),
    ];
  },
  accepted: [
    {
      title: 'removed',
      object: database(),
      oldObject: database({ bootstrap: { recovery: { backupRef: { name: 'a' } } } }),
    },
  ],
  refused: [
    {
      title: 'added',
      object: database({ bootstrap: { recovery: { backupRef: { name: 'a' } } } }),
      oldObject: database(),
    },
  ],
};
