/** What admission knows of PostgreSQL's settings: a value that the server refuses keeps it from starting again. */
import type { EngineChecks } from '../engine.ts';
import { postgresUnits, settingBytes } from '../setting-values.ts';
import { KiB, MiB } from '../sizes.ts';
import { settingFault } from './setting-check.ts';

const durability = new Map([
  ['fsync', 'a power failure would corrupt the data beyond repair; leave it on'],
  ['full_page_writes', 'a power failure could leave half-written pages; leave it on'],
]);

const off = /^(off|of|false|f|fa|fal|fals|no|n|0)$/i;

function parameterFault(
  name: string,
  value: string,
  all: Readonly<Record<string, number | string>>,
): string | undefined {
  const danger = durability.get(name.toLowerCase());
  if (danger !== undefined && off.test(value)) return danger;
  if (name.toLowerCase() === 'min_wal_size' && !isBelow(value, all['max_wal_size'])) {
    return `must be less than max_wal_size (${all['max_wal_size'] ?? ''}); lower it`;
  }
  return settingFault(name, value);
}

/** True as well when one of them is no size: that is another fault. */
function isBelow(low: string, high: number | string | undefined): boolean {
  const [least, most] = [low, String(high)].map((value) => settingBytes(value, postgresUnits, MiB));
  return least === undefined || most === undefined || least < most;
}

export const checks: EngineChecks = {
  leastMemoryBytes: 128 * MiB,
  bytesPerConnection: 4 * MiB,
  electsByMajority: false,
  ownedEnvironment: ['PG*', 'POSTGRES_*'],
  claimedMemory(parameters) {
    const entry = Object.entries(parameters).find(([name]) => name.toLowerCase() === 'shared_buffers');
    const bytes = entry && settingBytes(String(entry[1]), postgresUnits, 8 * KiB);
    return bytes === undefined ? undefined : { name: entry?.[0] ?? '', bytes };
  },
  parameterFault,
  grants: [
    ...['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER', 'MAINTAIN'],
    ...['CREATE', 'CONNECT', 'TEMPORARY', 'USAGE', 'EXECUTE', 'ALL'],
  ],
  grantTargets: ['schema', 'table'],
};
