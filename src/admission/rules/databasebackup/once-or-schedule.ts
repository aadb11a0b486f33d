import type { DatabaseBackup } from '../../../api/types.generated.ts';
import { forbidden } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { databaseBackup } from '../examples.ts';

export const scheduledBackupOnceOrSchedule: Rule<DatabaseBackup> = {
  id: 'BK030',
  title: 'a single backup stays one',
  kind: 'DatabaseBackup',
  on: ['UPDATE'],
  why: 'The Job that was made can not become a CronJob, nor the other way round.',
  remedy: 'Make a new DatabaseBackup.',
  since: '0.1.0',
  severity: 'deny',
  check({ object, oldObject }) {
    if (oldObject === undefined) return [];
    const before = oldObject.spec.schedule !== undefined;
    if (before === (object.spec.schedule !== undefined)) return [];
    return [
      forbidden(
        'spec.schedule',
        before
          ? "can't be removed: a schedule does not become a single backup; make a new DatabaseBackup"
          : "can't be added: a single backup does not become a schedule; make a new DatabaseBackup",
      ),
    ];
  },
  accepted: [{ title: 'another time', object: databaseBackup({ schedule: '@weekly' }), oldObject: databaseBackup() }],
  refused: [{ title: 'removed', object: databaseBackup({ schedule: undefined }), oldObject: databaseBackup() }],
};
