import type { Database } from '../../../api/types.generated.ts';
import { invalid, unchecked } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { cluster, database, redisCluster } from '../examples.ts';
import { expectedName, namespaceOf } from '../read.ts';

export const nameClash: Rule<Database> = {
  id: 'DB052',
  title: 'no RedisCluster has the name',
  kind: 'Database',
  on: ['CREATE'],
  why: 'Both kinds make a StatefulSet and Services of their own name.',
  remedy: 'Choose another name.',
  since: '0.1.0',
  severity: 'deny',
  check({ object, facts }) {
    const name = expectedName(object);
    const other = facts.get('RedisCluster', namespaceOf(object), name);
    if (!other.known) return unchecked('metadata.name', 'whether a RedisCluster has the name', other);
    if (other.value === undefined) return [];
    return [
      invalid(
        'metadata.name',
        name,
        'a RedisCluster of this namespace has the name, and its StatefulSet and Services with it; choose another',
      ),
    ];
  },
  accepted: [{ title: 'a name of its own', object: database(), facts: cluster([redisCluster()]) }],
  refused: [{ title: 'taken', object: database({}, 'sessions'), facts: cluster([redisCluster({}, 'sessions')]) }],
};
