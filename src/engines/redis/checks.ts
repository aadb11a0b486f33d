import type { EngineChecks } from '../engine.ts';
import { redisUnits, settingBytes } from '../setting-values.ts';
import { MiB } from '../sizes.ts';

const policies = [
  ...['noeviction', 'allkeys-lru', 'allkeys-lfu', 'allkeys-random', 'allkeys-lrm'],
  ...['volatile-lru', 'volatile-lfu', 'volatile-random', 'volatile-ttl', 'volatile-lrm'],
];

export const checks: EngineChecks = {
  leastMemoryBytes: 32 * MiB,
  bytesPerConnection: 20 * 1024,
  electsByMajority: false,
  syncLimit:
    'Redis confirms a write before a replica has it: writes only stop about 2 s after the last replica is gone, and a failover may lose what no replica had; call WAIT 1 after a write that must be on two servers',
  ownedEnvironment: ['REDIS_*'],
  claimedMemory(parameters) {
    const entry = Object.entries(parameters).find(([name]) => name.toLowerCase() === 'maxmemory');
    const bytes = entry && settingBytes(String(entry[1]).toLowerCase(), redisUnits, 1);
    return bytes === undefined ? undefined : { name: entry?.[0] ?? '', bytes };
  },
  parameterFault(name, value) {
    const setting = name.toLowerCase();
    if (setting === 'maxmemory-policy' && !policies.includes(value.toLowerCase())) {
      return `must be one of ${policies.join(', ')}`;
    }
    if (setting === 'maxmemory' && settingBytes(value.toLowerCase(), redisUnits, 1) === undefined) {
      return 'must be a size such as 256mb: a whole number and one of b, k, kb, m, mb, g, gb';
    }
    return undefined;
  },
  grants: [],
  grantTargets: ['keyPattern'],
};
