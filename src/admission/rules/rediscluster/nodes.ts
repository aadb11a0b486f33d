import type { RedisCluster } from '../../../api/types.generated.ts';
import { invalid } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { redisCluster, writes } from '../examples.ts';

export const redisClusterNodes: Rule<RedisCluster> = {
  id: 'RC010',
  title: 'at least three masters',
  kind: 'RedisCluster',
  on: writes,
  needs: 'spec.nodes',
  why: 'Redis Cluster decides by majority of masters: with fewer than three none can fail.',
  remedy: 'Use 3 or more.',
  since: '0.1.0',
  severity: 'deny',
  check({ object }) {
    const { nodes } = object.spec as Partial<RedisCluster['spec']>;
    if (nodes === undefined || (nodes >= 3 && nodes <= 100)) return [];
    return [
      invalid(
        'spec.nodes',
        nodes,
        'must be between 3 and 100, inclusive: Redis Cluster decides by majority of its masters',
      ),
    ];
  },
  accepted: [{ title: 'three', object: redisCluster() }],
  refused: [{ title: 'two', object: redisCluster({ nodes: 2 }) }],
};
