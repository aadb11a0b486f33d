import type { RedisCluster } from '../../../api/types.generated.ts';
import { parameterOwners } from '../checks/parameters.ts';
import { redis } from '../../../engines/redis/index.ts';
import type { Rule } from '../../rule.ts';
import { redisCluster, writes } from '../examples.ts';

const set = (config: Readonly<Record<string, unknown>>): ReturnType<typeof redisCluster> => redisCluster({ config });

export const redisClusterConfigOwned: Rule<RedisCluster> = {
  id: 'RC030',
  title: 'settings that the operator owns',
  kind: 'RedisCluster',
  on: writes,
  needs: 'spec.config',
  why: 'The operator sets them itself; a second opinion would tear the cluster apart.',
  remedy: 'Use the field that the message names, or remove the setting.',
  since: '0.1.0',
  severity: 'deny',
  check: ({ object }) => parameterOwners('spec.config', object.spec.config ?? {}, redis),
  accepted: [{ title: 'a policy', object: set({ 'maxmemory-policy': 'volatile-lru' }) }],
  refused: [
    { title: 'the port', object: set({ port: 7000 }) },
    { title: 'cluster settings', object: set({ 'cluster-enabled': 'no' }) },
  ],
};
