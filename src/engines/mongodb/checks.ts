import type { EngineChecks } from '../engine.ts';
import { GiB, MiB } from '../sizes.ts';

const cacheSize = 'storage.wiredTiger.engineConfig.cacheSizeGB';

export const checks: EngineChecks = {
  /** The smallest WiredTiger cache is 256 MiB. */
  leastMemoryBytes: 384 * MiB,
  bytesPerConnection: MiB,
  electsByMajority: true,
  ownedEnvironment: ['MONGO_*', 'MONGODB_*', 'GLIBC_TUNABLES'],
  claimedMemory(parameters) {
    const value = Object.hasOwn(parameters, cacheSize) ? Number(parameters[cacheSize]) : Number.NaN;
    return Number.isFinite(value) ? { name: cacheSize, bytes: value * GiB } : undefined;
  },
  parameterFault(name, value) {
    if (name !== cacheSize || Number(value) >= 0.25) return undefined;
    return 'must be a number of GB, 0.25 or more';
  },
  grants: [],
  grantTargets: ['collection'],
};
