import type { DatabaseMonitor } from '../../../api/types.generated.ts';
import { longInterval } from '../checks/monitoring.ts';
import type { Rule } from '../../rule.ts';
import { databaseMonitor, writes } from '../examples.ts';

export const monitorIntervalLong: Rule<DatabaseMonitor> = {
  id: 'DM011',
  title: 'scrape interval is too long for graphs',
  kind: 'DatabaseMonitor',
  on: writes,
  needs: 'spec.scrapeInterval',
  why: 'Prometheus forgets a sample after five minutes: graphs have holes and alerts do not hold.',
  remedy: 'Use two minutes or less.',
  since: '0.1.0',
  severity: 'warn',
  check: ({ object }) => longInterval('spec.scrapeInterval', object.spec.scrapeInterval),
  accepted: [{ title: 'a minute', object: databaseMonitor({ scrapeInterval: '1m' }) }],
  refused: [{ title: 'ten minutes', object: databaseMonitor({ scrapeInterval: '10m' }) }],
};
