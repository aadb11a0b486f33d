import type { DatabaseUser } from '../../../api/types.generated.ts';
import { forbidden } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { databaseUser, writes } from '../examples.ts';

export const rotationOwner: Rule<DatabaseUser> = {
  id: 'DU031',
  title: 'only passwords of the operator rotate',
  kind: 'DatabaseUser',
  on: writes,
  needs: 'spec.passwordSecret',
  why: 'A password of your choice is yours to change: the operator does not write into your Secret.',
  remedy: 'Remove rotation, or remove passwordSecret to have a password made.',
  since: '0.1.0',
  severity: 'deny',
  check({ object: { spec } }) {
    if (spec.passwordSecret === undefined || spec.rotation === undefined) return [];
    return [
      forbidden(
        'spec.rotation',
        'only a password that the operator made is rotated; remove rotation or passwordSecret',
      ),
    ];
  },
  accepted: [{ title: 'made and rotated', object: databaseUser({ rotation: { interval: '30d' } }) }],
  refused: [
    {
      title: 'chosen and rotated',
      object: databaseUser({ passwordSecret: { name: 'chosen' }, rotation: { interval: '30d' } }),
    },
  ],
};
