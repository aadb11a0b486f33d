import type { RedisCluster } from '../../../api/types.generated.ts';
import { forbidden } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { redisCluster } from '../examples.ts';
import { namespaceOf } from '../read.ts';

export const redisClusterDeletionProtection: Rule<RedisCluster> = {
  id: 'RC050',
  title: 'deletion protection is lifted before deletion',
  kind: 'RedisCluster',
  on: ['DELETE'],
  why: 'Somebody asked for this cluster not to go by mistake.',
  remedy: 'Set spec.deletionProtection to false, then delete.',
  since: '0.1.0',
  severity: 'deny',
  check({ object }) {
    if (object.spec.deletionProtection !== true) return [];
    const { name } = object.metadata;
    return [
      forbidden(
        'spec.deletionProtection',
        `the RedisCluster is protected from deletion; to delete it run first: kubectl patch rediscluster ${name} -n ${namespaceOf(object)} --type merge -p '{"spec":{"deletionProtection":false}}'`,
      ),
    ];
  },
  accepted: [{ title: 'not protected', object: redisCluster(), operation: 'DELETE' }],
  refused: [{ title: 'protected', object: redisCluster({ deletionProtection: true }), operation: 'DELETE' }],
};
