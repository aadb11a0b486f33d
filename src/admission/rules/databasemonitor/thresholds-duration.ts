import type { DatabaseMonitor } from '../../../api/types.generated.ts';
import { parseDuration } from '../../../values/duration.ts';
import { invalid } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { databaseMonitor, writes } from '../examples.ts';

export const monitorThresholds: Rule<DatabaseMonitor> = {
  id: 'DM012',
  title: 'thresholds are times',
  kind: 'DatabaseMonitor',
  on: writes,
  needs: 'spec.thresholds',
  why: 'An alert over a time that is none never fires.',
  remedy: 'Write durations such as 30s or 26h, more than zero.',
  since: '0.1.0',
  severity: 'deny',
  check({ object }) {
    const thresholds = object.spec.thresholds ?? {};
    return (['replicationLag', 'backupAge'] as const).flatMap((name) => {
      const value = thresholds[name];
      if (value === undefined) return [];
      const parsed = parseDuration(value);
      const field = `spec.thresholds.${name}`;
      if (!parsed.ok) return [invalid(field, value, parsed.error)];
      return parsed.value > 0 ? [] : [invalid(field, value, 'must be more than 0: the alert would always fire')];
    });
  },
  accepted: [
    { title: 'a day and two hours', object: databaseMonitor({ alerting: true, thresholds: { backupAge: '26h' } }) },
  ],
  refused: [
    { title: 'words', object: databaseMonitor({ thresholds: { backupAge: 'a day' } }) },
    { title: 'nothing', object: databaseMonitor({ thresholds: { replicationLag: '0s' } }) },
  ],
};
