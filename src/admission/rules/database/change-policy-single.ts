import type { Database } from '../../../api/types.generated.ts';
import { warning } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { database, writes } from '../examples.ts';

export const changePolicySingle: Rule<Database> = {
  id: 'DB034',
  title: 'NoDowntime with a single server',
  kind: 'Database',
  on: writes,
  needs: 'spec.changePolicy',
  why: 'With one server every restart is a downtime, so almost no change will be admitted; and nothing takes over when its node fails.',
  remedy: 'Set spec.replicas to 2 or more.',
  since: '0.1.0',
  severity: 'warn',
  check({ object: { spec } }) {
    if (spec.changePolicy !== 'NoDowntime' || (spec.replicas ?? 1) > 1) return [];
    return [
      warning(
        'spec.changePolicy',
        'NoDowntime with one server: every restart is refused, and nothing takes over when its node fails; set spec.replicas to 2 or more',
      ),
    ];
  },
  accepted: [{ title: 'with a replica', object: database({ replicas: 2, changePolicy: 'NoDowntime' }) }],
  refused: [{ title: 'alone', object: database({ replicas: 1, changePolicy: 'NoDowntime' }) }],
};
