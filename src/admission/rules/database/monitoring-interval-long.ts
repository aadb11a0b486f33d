import type { Database } from '../../../api/types.generated.ts';
import { longInterval } from '../checks/monitoring.ts';
import type { Rule } from '../../rule.ts';
import { database, writes } from '../examples.ts';

export const monitoringIntervalLong: Rule<Database> = {
  id: 'DB081',
  title: 'scrape interval is too long for graphs',
  kind: 'Database',
  on: writes,
  needs: 'spec.monitoring.scrapeInterval',
  why: 'Prometheus forgets a sample after five minutes: with longer intervals graphs have holes and alerts do not hold.',
  remedy: 'Use two minutes or less.',
  since: '0.1.0',
  severity: 'warn',
  check: ({ object }) => longInterval('spec.monitoring.scrapeInterval', object.spec.monitoring?.scrapeInterval),
  accepted: [{ title: 'one minute', object: database({ monitoring: { enabled: true, scrapeInterval: '1m' } }) }],
  refused: [{ title: 'ten minutes', object: database({ monitoring: { enabled: true, scrapeInterval: '10m' } }) }],
};
