import type { RedisCluster } from '../../../api/types.generated.ts';
import { parameterNames, parameterText } from '../checks/parameters.ts';
import type { Rule } from '../../rule.ts';
import { redisCluster, writes } from '../examples.ts';

const set = (config: Readonly<Record<string, unknown>>): ReturnType<typeof redisCluster> => redisCluster({ config });

export const redisClusterConfigText: Rule<RedisCluster> = {
  id: 'RC031',
  title: 'settings are one line each',
  kind: 'RedisCluster',
  on: writes,
  needs: 'spec.config',
  why: 'A line break would begin a second setting, one that nobody checked.',
  remedy: 'Write names and values without line breaks.',
  since: '0.1.0',
  severity: 'deny',
  check: ({ object }) => [
    ...parameterNames('spec.config', object.spec.config ?? {}),
    ...parameterText('spec.config', object.spec.config ?? {}),
  ],
  accepted: [{ title: 'one line', object: set({ 'maxmemory-policy': 'volatile-lru' }) }],
  refused: [
    { title: 'a second setting smuggled in', object: set({ 'maxmemory-policy': 'noeviction\nrequirepass x' }) },
  ],
};
