import type { RedisCluster } from '../../../api/types.generated.ts';
import { sizeFault } from '../checks/storage.ts';
import type { Rule } from '../../rule.ts';
import { redisCluster, writes } from '../examples.ts';

export const redisClusterStorageSize: Rule<RedisCluster> = {
  id: 'RC020',
  title: 'storage size is a possible size',
  kind: 'RedisCluster',
  on: writes,
  why: 'It becomes the request of a volume.',
  remedy: 'Write a quantity between 256Mi and 16Ti, such as 5Gi.',
  since: '0.1.0',
  severity: 'deny',
  check({ object }) {
    const fault = sizeFault('spec.storage.size', object.spec.storage?.size);
    return fault === undefined ? [] : [fault];
  },
  accepted: [{ title: '5Gi', object: redisCluster({ storage: { size: '5Gi' } }) }],
  refused: [{ title: 'five bytes', object: redisCluster({ storage: { size: 5 } }) }],
};
