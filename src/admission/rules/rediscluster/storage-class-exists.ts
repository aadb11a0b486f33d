import type { RedisCluster } from '../../../api/types.generated.ts';
import { classExists } from '../checks/storage.ts';
import type { Rule } from '../../rule.ts';
import { cluster, redisCluster } from '../examples.ts';

export const redisClusterStorageClassExists: Rule<RedisCluster> = {
  id: 'RC023',
  title: 'storage class exists',
  kind: 'RedisCluster',
  on: ['CREATE'],
  why: 'Volumes of a class that does not exist stay Pending.',
  remedy: 'Name a class that the cluster has, or leave it out for the default class.',
  since: '0.1.0',
  severity: 'warn',
  check: ({ object, facts }) => classExists('spec.storage.storageClass', object.spec.storage?.storageClass, facts),
  accepted: [
    {
      title: 'a class of the cluster',
      object: redisCluster({ storage: { size: '10Gi', storageClass: 'fast' } }),
      facts: cluster([], [{ name: 'fast', allowVolumeExpansion: true, isDefault: false }]),
    },
  ],
  refused: [
    {
      title: 'misspelt',
      object: redisCluster({ storage: { size: '10Gi', storageClass: 'fsat' } }),
      facts: cluster([], [{ name: 'fast', allowVolumeExpansion: true, isDefault: false }]),
    },
  ],
};
