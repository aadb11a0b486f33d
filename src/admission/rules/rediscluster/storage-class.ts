import type { RedisCluster } from '../../../api/types.generated.ts';
import { classImmutable } from '../checks/storage.ts';
import type { Rule } from '../../rule.ts';
import { redisCluster } from '../examples.ts';

export const redisClusterStorageClass: Rule<RedisCluster> = {
  id: 'RC022',
  title: 'storage class never changes',
  kind: 'RedisCluster',
  on: ['UPDATE'],
  needs: 'spec.storage.storageClass',
  why: 'A volume can not move to another class.',
  remedy: 'Put the old class back.',
  since: '0.1.0',
  severity: 'deny',
  check: ({ object, oldObject }) =>
    classImmutable(
      'spec.storage.storageClass',
      oldObject?.spec.storage?.storageClass,
      object.spec.storage?.storageClass,
      'RedisCluster',
    ),
  accepted: [
    {
      title: 'left out',
      object: redisCluster(),
      oldObject: redisCluster({ storage: { size: '10Gi', storageClass: 'fast' } }),
    },
  ],
  refused: [
    {
      title: 'another',
      object: redisCluster({ storage: { size: '10Gi', storageClass: 'slow' } }),
      oldObject: redisCluster({ storage: { size: '10Gi', storageClass: 'fast' } }),
    },
  ],
};
