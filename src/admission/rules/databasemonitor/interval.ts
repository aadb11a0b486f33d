import type { DatabaseMonitor } from '../../../api/types.generated.ts';
import { intervalFault } from '../checks/monitoring.ts';
import type { Rule } from '../../rule.ts';
import { databaseMonitor, writes } from '../examples.ts';

export const monitorInterval: Rule<DatabaseMonitor> = {
  id: 'DM010',
  title: 'scrape interval is a Prometheus duration',
  kind: 'DatabaseMonitor',
  on: writes,
  needs: 'spec.scrapeInterval',
  why: 'Prometheus refuses the whole ServiceMonitor over an interval that it can not read.',
  remedy: 'Write a duration such as 30s or 1m, from 1s to 1h.',
  since: '0.1.0',
  severity: 'deny',
  check({ object }) {
    const fault = intervalFault('spec.scrapeInterval', object.spec.scrapeInterval);
    return fault === undefined ? [] : [fault];
  },
  accepted: [{ title: '15s', object: databaseMonitor({ scrapeInterval: '15s' }) }],
  refused: [
    { title: 'in the wrong order', object: databaseMonitor({ scrapeInterval: '30s1m' }) },
    { title: 'too long', object: databaseMonitor({ scrapeInterval: '2h' }) },
  ],
};
