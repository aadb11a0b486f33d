import type { DatabaseBackup } from '../../../api/types.generated.ts';
import { timeZoneFault } from '../checks/schedule.ts';
import type { Rule } from '../../rule.ts';
import { databaseBackup, writes } from '../examples.ts';

export const scheduledBackupTimeZone: Rule<DatabaseBackup> = {
  id: 'BK013',
  title: 'time zone exists',
  kind: 'DatabaseBackup',
  on: writes,
  needs: 'spec.timeZone',
  why: 'Kubernetes refuses a CronJob in a zone that it does not know.',
  remedy: 'Write an IANA name in its exact spelling.',
  since: '0.1.0',
  severity: 'deny',
  check({ object }) {
    const fault = timeZoneFault('spec.timeZone', object.spec.timeZone);
    return fault === undefined ? [] : [fault];
  },
  accepted: [{ title: 'a zone', object: databaseBackup({ timeZone: 'Europe/Berlin' }) }],
  refused: [{ title: 'another case', object: databaseBackup({ timeZone: 'EUROPE/BERLIN' }) }],
};
