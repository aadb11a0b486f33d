import type { Database } from '../../../api/types.generated.ts';
import { invalid } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { database, writes } from '../examples.ts';

export const recoveryTime: Rule<Database> = {
  id: 'DB162',
  title: 'point in time is in the past',
  kind: 'Database',
  on: writes,
  needs: 'spec.bootstrap.recovery.targetTime',
  why: 'No backup holds what has not happened yet.',
  remedy: 'Write a moment before now, such as 2026-05-31T12:00:00Z.',
  since: '0.1.0',
  severity: 'deny',
  check({ object, now }) {
    const target = object.spec.bootstrap?.recovery.targetTime;
    const at = target === undefined ? Number.NaN : Date.parse(target);
    if (target === undefined || Number.isNaN(at) || at <= now.getTime()) return [];
    return [
      invalid(
        'spec.bootstrap.recovery.targetTime',
        target,
        `is in the future (it is ${now.toISOString().slice(0, 19)}Z now); choose a moment that a backup covers`,
      ),
    ];
  },
  accepted: [{ title: 'no recovery', object: database() }],
  refused: [
    {
      title: 'tomorrow, far off',
      object: database({ bootstrap: { recovery: { backupRef: { name: 'a' }, targetTime: '2099-01-01T00:00:00Z' } } }),
    },
  ],
};
