import type { RedisCluster } from '../../../api/types.generated.ts';
import { parameterValues } from '../checks/parameters.ts';
import { redis } from '../../../engines/redis/index.ts';
import type { Rule } from '../../rule.ts';
import { redisCluster, writes } from '../examples.ts';

const set = (config: Readonly<Record<string, unknown>>): ReturnType<typeof redisCluster> => redisCluster({ config });

export const redisClusterConfigValue: Rule<RedisCluster> = {
  id: 'RC032',
  title: 'values of well-known settings',
  kind: 'RedisCluster',
  on: writes,
  needs: 'spec.config',
  why: 'A value that Redis refuses keeps it from starting.',
  remedy: 'Write the value as the manual of Redis has it.',
  since: '0.1.0',
  severity: 'deny',
  check: ({ object }) => parameterValues('spec.config', object.spec.config ?? {}, redis),
  accepted: [{ title: 'a policy', object: set({ 'maxmemory-policy': 'volatile-lru' }) }],
  refused: [{ title: 'no policy', object: set({ 'maxmemory-policy': 'oldest-first' }) }],
};
