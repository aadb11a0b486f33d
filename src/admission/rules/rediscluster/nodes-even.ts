import type { RedisCluster } from '../../../api/types.generated.ts';
import { warning } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { redisCluster, writes } from '../examples.ts';

export const redisClusterNodesEven: Rule<RedisCluster> = {
  id: 'RC012',
  title: 'even number of masters',
  kind: 'RedisCluster',
  on: writes,
  needs: 'spec.nodes',
  why: 'Four masters survive no more failures than three.',
  remedy: 'Use an odd number.',
  since: '0.1.0',
  severity: 'warn',
  check({ object }) {
    const { nodes } = object.spec as Partial<RedisCluster['spec']>;
    if (nodes === undefined || nodes < 3 || nodes % 2 === 1 || nodes > 9) return [];
    return [
      warning('spec.nodes', `${nodes} masters survive no more failures at once than ${nodes - 1}; use an odd number`),
    ];
  },
  accepted: [{ title: 'five', object: redisCluster({ nodes: 5 }) }],
  refused: [{ title: 'four', object: redisCluster({ nodes: 4 }) }],
};
