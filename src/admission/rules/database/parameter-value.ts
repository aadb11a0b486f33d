import type { Database } from '../../../api/types.generated.ts';
import { parameterValues } from '../checks/parameters.ts';
import type { Rule } from '../../rule.ts';
import { database, writes } from '../examples.ts';
import { engineOf } from '../read.ts';

const set = (parameters: Readonly<Record<string, unknown>>): ReturnType<typeof database> =>
  database({ config: { parameters } });

export const parameterValue: Rule<Database> = {
  id: 'DB093',
  title: 'values of well-known settings',
  kind: 'Database',
  on: writes,
  needs: 'spec.config.parameters',
  why: 'A value that the engine refuses keeps it from starting at the next restart, which may be at night.',
  remedy: 'Write the value as the manual of the engine has it; the units of PostgreSQL are case-sensitive.',
  since: '0.1.0',
  severity: 'deny',
  check({ object }) {
    const engine = engineOf(object);
    const { parameters } = object.spec.config ?? {};
    return engine === undefined || parameters === undefined
      ? []
      : parameterValues('spec.config.parameters', parameters, engine);
  },
  accepted: [
    { title: 'PostgreSQL', object: set({ work_mem: '8MB', log_min_duration_statement: '500ms', autovacuum: 'on' }) },
    {
      title: 'MySQL',
      object: database({ engine: 'mysql', version: '8.4', config: { parameters: { max_allowed_packet: '64M' } } }),
    },
  ],
  refused: [
    { title: 'the least above the most', object: set({ min_wal_size: '4GB', max_wal_size: '2GB' }) },
    { title: 'mb is no unit of PostgreSQL', object: set({ work_mem: '8mb' }) },
    { title: 'fsync off', object: set({ fsync: 'off' }) },
    {
      title: 'a policy that Redis does not have',
      object: database({ engine: 'redis', version: '8.0', config: { parameters: { 'maxmemory-policy': 'lru' } } }),
    },
  ],
};
