import type { Database } from '../../../api/types.generated.ts';
import { warning } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { database, writes } from '../examples.ts';
import { engineOf } from '../read.ts';

export const replicationSyncLimit: Rule<Database> = {
  id: 'DB037',
  title: 'synchronous replication that the engine does not have',
  kind: 'Database',
  on: writes,
  why: 'Mode sync means that a confirmed write is on two members; some engines can only come near that.',
  remedy: 'Use an engine that has synchronous replication for data that must not be lost, or what the message names.',
  since: '0.1.0',
  severity: 'warn',
  check({ object }) {
    const limit = engineOf(object)?.checks.syncLimit;
    if (object.spec.replication?.mode !== 'sync' || (object.spec.replicas ?? 1) < 2 || limit === undefined) return [];
    return [warning('spec.replication.mode', `mode sync is not what it says here: ${limit}`)];
  },
  accepted: [
    { title: 'an engine that has it', object: database({ replicas: 3, replication: { mode: 'sync' } }) },
    {
      title: 'nothing promised',
      object: database({ engine: 'redis', version: '8.0', replicas: 3, replication: { mode: 'async' } }),
    },
  ],
  refused: [
    {
      title: 'Redis confirms first',
      object: database({ engine: 'redis', version: '8.0', replicas: 3, replication: { mode: 'sync' } }),
    },
  ],
};
