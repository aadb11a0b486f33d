import type { Database } from '../../../api/types.generated.ts';
import { intervalFault } from '../checks/monitoring.ts';
import type { Rule } from '../../rule.ts';
import { database, writes } from '../examples.ts';

export const monitoringInterval: Rule<Database> = {
  id: 'DB080',
  title: 'scrape interval is a Prometheus duration',
  kind: 'Database',
  on: writes,
  needs: 'spec.monitoring.scrapeInterval',
  why: 'Prometheus refuses the whole ServiceMonitor over an interval that it can not read.',
  remedy: 'Write a duration such as 30s or 1m, from 1s to 1h.',
  since: '0.1.0',
  severity: 'deny',
  check({ object }) {
    const fault = intervalFault('spec.monitoring.scrapeInterval', object.spec.monitoring?.scrapeInterval);
    return fault === undefined ? [] : [fault];
  },
  accepted: [{ title: '30s', object: database({ monitoring: { enabled: true, scrapeInterval: '30s' } }) }],
  refused: [
    { title: 'a fraction', object: database({ monitoring: { scrapeInterval: '1.5m' } }) },
    { title: 'no time at all', object: database({ monitoring: { scrapeInterval: '0s' } }) },
  ],
};
