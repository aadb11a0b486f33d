import type { DatabaseUser } from '../../../api/types.generated.ts';
import { parseDuration } from '../../../values/duration.ts';
import { invalid } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { databaseUser, writes } from '../examples.ts';

export const rotationInterval: Rule<DatabaseUser> = {
  id: 'DU032',
  title: 'rotation leaves time to follow',
  kind: 'DatabaseUser',
  on: writes,
  needs: 'spec.rotation.interval',
  why: 'Applications must pick the new password up before the one after it comes.',
  remedy: 'Write a duration of 1h or more, such as 30d.',
  since: '0.1.0',
  severity: 'deny',
  check({ object }) {
    const interval = object.spec.rotation?.interval;
    if (interval === undefined) return [];
    const parsed = parseDuration(interval);
    if (!parsed.ok) return [invalid('spec.rotation.interval', interval, parsed.error)];
    return parsed.value >= 3_600_000
      ? []
      : [
          invalid(
            'spec.rotation.interval',
            interval,
            'must be 1h or more: applications need time to pick a new password up',
          ),
        ];
  },
  accepted: [{ title: 'monthly', object: databaseUser({ rotation: { interval: '30d' } }) }],
  refused: [
    { title: 'every minute', object: databaseUser({ rotation: { interval: '1m' } }) },
    { title: 'words', object: databaseUser({ rotation: { interval: 'monthly' } }) },
  ],
};
