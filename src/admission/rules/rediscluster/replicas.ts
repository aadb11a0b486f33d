import type { RedisCluster } from '../../../api/types.generated.ts';
import { warning } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { redisCluster, writes } from '../examples.ts';

export const redisClusterReplicas: Rule<RedisCluster> = {
  id: 'RC011',
  title: 'masters without replicas',
  kind: 'RedisCluster',
  on: writes,
  needs: 'spec.replicasPerNode',
  why: 'When a master is lost its slots are lost with it, and the whole cluster stops answering.',
  remedy: 'Set replicasPerNode to 1 or more.',
  since: '0.1.0',
  severity: 'warn',
  check({ object }) {
    if (object.spec.replicasPerNode !== 0) return [];
    return [
      warning(
        'spec.replicasPerNode',
        '0: losing one server loses a part of the data, and the whole cluster stops; use 1 or more',
      ),
    ];
  },
  accepted: [{ title: 'one each', object: redisCluster({ replicasPerNode: 1 }) }],
  refused: [{ title: 'none', object: redisCluster({ replicasPerNode: 0 }) }],
};
