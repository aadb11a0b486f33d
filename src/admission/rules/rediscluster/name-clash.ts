import type { RedisCluster } from '../../../api/types.generated.ts';
import { invalid, unchecked } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { cluster, database, redisCluster } from '../examples.ts';
import { expectedName, namespaceOf } from '../read.ts';

export const redisClusterNameClash: Rule<RedisCluster> = {
  id: 'RC013',
  title: 'no Database has the name',
  kind: 'RedisCluster',
  on: ['CREATE'],
  why: 'Both kinds make a StatefulSet and Services of their own name.',
  remedy: 'Choose another name.',
  since: '0.1.0',
  severity: 'deny',
  check({ object, facts }) {
    const name = expectedName(object);
    const other = facts.get('Database', namespaceOf(object), name);
    if (!other.known) return unchecked('metadata.name', 'whether a Database has the name', other);
    if (other.value === undefined) return [];
    return [
      invalid(
        'metadata.name',
        name,
        'a Database of this namespace has the name, and its StatefulSet and Services with it; choose another',
      ),
    ];
  },
  accepted: [{ title: 'free', object: redisCluster(), facts: cluster([database()]) }],
  refused: [{ title: 'taken', object: redisCluster({}, 'orders'), facts: cluster([database()]) }],
};
