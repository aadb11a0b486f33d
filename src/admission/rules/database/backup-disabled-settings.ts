import type { Database } from '../../../api/types.generated.ts';
import { warning } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { database, writes } from '../examples.ts';

export const backupDisabledSettings: Rule<Database> = {
  id: 'DB078',
  title: 'backup settings without backups',
  kind: 'Database',
  on: writes,
  needs: 'spec.backup',
  why: 'Somebody who writes a schedule expects backups; without enabled: true there are none.',
  remedy: 'Set spec.backup.enabled to true, or remove the settings.',
  since: '0.1.0',
  severity: 'warn',
  check({ object }) {
    const { backup } = object.spec;
    if (backup === undefined || backup.enabled === true) return [];
    const given = (['schedule', 'retention', 'destination', 'timeZone'] as const).filter(
      (name) => backup[name] !== undefined,
    );
    if (given.length === 0) return [];
    return [
      warning(
        'spec.backup.enabled',
        `is false, so there are no backups, whatever ${given.join(' and ')} ${given.length > 1 ? 'say' : 'says'}; set it to true`,
      ),
    ];
  },
  accepted: [{ title: 'enabled', object: database({ backup: { enabled: true, schedule: '@daily' } }) }],
  refused: [
    { title: 'switched off', object: database({ backup: { enabled: false, schedule: '@daily' } }) },
    { title: 'not switched on', object: database({ backup: { schedule: '@daily', retention: 7 } }) },
  ],
};
