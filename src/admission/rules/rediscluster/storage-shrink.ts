import type { RedisCluster } from '../../../api/types.generated.ts';
import { shrinkFault } from '../checks/storage.ts';
import type { Rule } from '../../rule.ts';
import { redisCluster } from '../examples.ts';

export const redisClusterStorageShrink: Rule<RedisCluster> = {
  id: 'RC021',
  title: 'storage never shrinks',
  kind: 'RedisCluster',
  on: ['UPDATE'],
  why: 'No volume in Kubernetes can be made smaller.',
  remedy: 'Put the old size or a larger one.',
  since: '0.1.0',
  severity: 'deny',
  check({ object, oldObject }) {
    const fault = shrinkFault('spec.storage.size', oldObject?.spec.storage?.size, object.spec.storage?.size, {
      instead: 'make a smaller RedisCluster and move the data',
    });
    return fault === undefined ? [] : [fault];
  },
  accepted: [{ title: 'grows', object: redisCluster({ storage: { size: '20Gi' } }), oldObject: redisCluster() }],
  refused: [{ title: 'shrinks', object: redisCluster({ storage: { size: '1Gi' } }), oldObject: redisCluster() }],
};
