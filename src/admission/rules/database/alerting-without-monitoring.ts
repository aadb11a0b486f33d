import type { Database } from '../../../api/types.generated.ts';
import { invalid } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { database, writes } from '../examples.ts';

export const alertingWithoutMonitoring: Rule<Database> = {
  id: 'DB082',
  title: 'alerting needs monitoring',
  kind: 'Database',
  on: writes,
  needs: 'spec.monitoring.alerting',
  why: 'Alerts are made of metrics: without the exporter none would ever fire, and silence would look like health.',
  remedy: 'Set spec.monitoring.enabled to true, or alerting to false.',
  since: '0.1.0',
  severity: 'deny',
  check({ object }) {
    const { enabled, alerting } = object.spec.monitoring ?? {};
    if (alerting !== true || enabled === true) return [];
    return [
      invalid(
        'spec.monitoring.alerting',
        true,
        'needs spec.monitoring.enabled: true, because alerts are made of metrics; set it or remove alerting',
      ),
    ];
  },
  accepted: [{ title: 'with monitoring', object: database({ monitoring: { enabled: true, alerting: true } }) }],
  refused: [{ title: 'without', object: database({ monitoring: { alerting: true } }) }],
};
