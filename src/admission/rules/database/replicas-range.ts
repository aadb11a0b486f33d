import type { Database } from '../../../api/types.generated.ts';
import { invalid } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { database, writes } from '../examples.ts';

const most = 10;

export const replicasRange: Rule<Database> = {
  id: 'DB030',
  title: 'replicas are 1 to 10',
  kind: 'Database',
  on: writes,
  why: 'A database has at least its primary; beyond ten servers the primary is busier feeding replicas than clients.',
  remedy: 'Use 1 to 10. To stop all servers and keep the data, set spec.hibernate to true.',
  since: '0.1.0',
  severity: 'deny',
  check({ object }) {
    const { replicas } = object.spec;
    if (replicas === undefined || (Number.isInteger(replicas) && replicas >= 1 && replicas <= most)) return [];
    const remedy = replicas === 0 ? '; to stop all servers and keep the data set spec.hibernate to true' : '';
    return [invalid('spec.replicas', replicas, `must be between 1 and ${most}, inclusive${remedy}`)];
  },
  accepted: [
    { title: 'one', object: database({ replicas: 1 }) },
    { title: 'ten', object: database({ replicas: 10 }) },
  ],
  refused: [
    { title: 'none', object: database({ replicas: 0 }) },
    { title: 'eleven', object: database({ replicas: 11 }) },
  ],
};
