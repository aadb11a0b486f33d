import type { DatabaseBackup } from '../../../api/types.generated.ts';
import { forbidden } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { databaseBackup, writes } from '../examples.ts';

export const scheduledBackupTimeZoneAlone: Rule<DatabaseBackup> = {
  id: 'BK014',
  title: 'schedule settings without a schedule',
  kind: 'DatabaseBackup',
  on: writes,
  why: 'A single backup has no time zone and nothing to suspend: a schedule was forgotten.',
  remedy: 'Add schedule, or remove timeZone and suspend.',
  since: '0.1.0',
  severity: 'deny',
  check({ object: { spec } }) {
    if (spec.schedule !== undefined) return [];
    return [
      ...(spec.timeZone === undefined
        ? []
        : [forbidden('spec.timeZone', 'needs a schedule; add schedule or remove timeZone')]),
      ...(spec.suspend === true
        ? [
            forbidden(
              'spec.suspend',
              'needs a schedule: a single backup is made at once; add schedule or remove suspend',
            ),
          ]
        : []),
    ];
  },
  accepted: [{ title: 'suspended schedule', object: databaseBackup({ suspend: true }) }],
  refused: [
    { title: 'a zone alone', object: databaseBackup({ schedule: undefined, timeZone: 'UTC' }) },
    { title: 'suspended alone', object: databaseBackup({ schedule: undefined, suspend: true }) },
  ],
};
