import type { DatabaseMonitor } from '../../../api/types.generated.ts';
import { warning } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { databaseMonitor, writes } from '../examples.ts';

export const monitorThresholdsUnused: Rule<DatabaseMonitor> = {
  id: 'DM013',
  title: 'thresholds without alerting',
  kind: 'DatabaseMonitor',
  on: writes,
  needs: 'spec.thresholds',
  why: 'Somebody who sets thresholds expects alerts; without alerting: true there are none.',
  remedy: 'Set alerting to true, or remove thresholds.',
  since: '0.1.0',
  severity: 'warn',
  check({ object: { spec } }) {
    if (spec.alerting === true || Object.keys(spec.thresholds ?? {}).length === 0) return [];
    return [warning('spec.alerting', 'is false, so no threshold ever fires; set it to true')];
  },
  accepted: [{ title: 'alerting', object: databaseMonitor({ alerting: true, thresholds: { storagePercent: 90 } }) }],
  refused: [{ title: 'silent', object: databaseMonitor({ thresholds: { storagePercent: 90 } }) }],
};
