import type { DatabaseMonitor } from '../../../api/types.generated.ts';
import { warning } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { databaseMonitor, writes } from '../examples.ts';

export const monitorThresholdsLate: Rule<DatabaseMonitor> = {
  id: 'DM014',
  title: 'alert comes too late',
  kind: 'DatabaseMonitor',
  on: writes,
  needs: 'spec.thresholds.storagePercent',
  why: 'At 95 percent and more a volume is full before somebody has read the alert.',
  remedy: 'Use 90 or less for storage.',
  since: '0.1.0',
  severity: 'warn',
  check({ object }) {
    const percent = object.spec.thresholds?.storagePercent;
    if (percent === undefined || percent < 95) return [];
    return [
      warning(
        'spec.thresholds.storagePercent',
        `${percent} % is late: the volume may be full before anybody acts; use 90 or less`,
      ),
    ];
  },
  accepted: [{ title: '85', object: databaseMonitor({ alerting: true, thresholds: { storagePercent: 85 } }) }],
  refused: [{ title: '99', object: databaseMonitor({ alerting: true, thresholds: { storagePercent: 99 } }) }],
};
