import type { DatabaseUser } from '../../../api/types.generated.ts';
import { parseDuration } from '../../../values/duration.ts';
import { warning } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { databaseUser, writes } from '../examples.ts';

export const expiryBeforeRotation: Rule<DatabaseUser> = {
  id: 'DU034',
  title: 'user expires before its first rotation',
  kind: 'DatabaseUser',
  on: writes,
  needs: 'spec.expiresAfter',
  why: 'The rotation would never happen.',
  remedy: 'Remove rotation, or let the user live longer.',
  since: '0.1.0',
  severity: 'warn',
  check({ object: { spec } }) {
    if (spec.expiresAfter === undefined || spec.rotation === undefined) return [];
    const expiry = parseDuration(spec.expiresAfter);
    const interval = parseDuration(spec.rotation.interval);
    if (!expiry.ok || !interval.ok || expiry.value > interval.value) return [];
    return [
      warning(
        'spec.rotation.interval',
        `never comes: the user expires after ${spec.expiresAfter}; remove rotation or let it live longer`,
      ),
    ];
  },
  accepted: [{ title: 'rotates twice', object: databaseUser({ expiresAfter: '90d', rotation: { interval: '30d' } }) }],
  refused: [{ title: 'expires first', object: databaseUser({ expiresAfter: '7d', rotation: { interval: '30d' } }) }],
};
