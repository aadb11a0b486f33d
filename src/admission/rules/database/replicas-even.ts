import type { Database } from '../../../api/types.generated.ts';
import { warning } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { database, writes } from '../examples.ts';
import { engineOf } from '../read.ts';

export const replicasEven: Rule<Database> = {
  id: 'DB031',
  title: 'even number of voting members',
  kind: 'Database',
  on: writes,
  why: 'MongoDB elects its primary by majority: an even number survives no more failures than the odd number below it.',
  remedy: 'Use an odd number.',
  since: '0.1.0',
  severity: 'warn',
  check({ object }) {
    const { replicas } = object.spec;
    if (
      engineOf(object)?.checks.electsByMajority !== true ||
      replicas === undefined ||
      replicas % 2 === 1 ||
      replicas < 2
    )
      return [];
    const survives = replicas / 2 - 1;
    return [
      warning(
        'spec.replicas',
        `${replicas} members survive ${survives === 1 ? '1 failure' : `${survives} failures`}, as ${replicas - 1} would; use an odd number`,
      ),
    ];
  },
  accepted: [{ title: 'three', object: database({ engine: 'mongodb', version: '8.0', replicas: 3 }) }],
  refused: [{ title: 'four', object: database({ engine: 'mongodb', version: '8.0', replicas: 4 }) }],
};
