import type { Database } from '../../../api/types.generated.ts';
import { invalid } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { database, writes } from '../examples.ts';

export const replicationSync: Rule<Database> = {
  id: 'DB032',
  title: 'synchronous replication has a replica',
  kind: 'Database',
  on: writes,
  needs: 'spec.replication.mode',
  why: 'A write would wait for a replica that does not exist.',
  remedy: 'Set spec.replicas to 2 or more, or spec.replication.mode to async.',
  since: '0.1.0',
  severity: 'deny',
  check({ object: { spec } }) {
    if (spec.replication?.mode !== 'sync' || (spec.replicas ?? 1) > 1) return [];
    return [
      invalid(
        'spec.replication.mode',
        'sync',
        'needs a replica to confirm writes: set spec.replicas to 2 or more, or mode to async',
      ),
    ];
  },
  accepted: [{ title: 'with a replica', object: database({ replicas: 2, replication: { mode: 'sync' } }) }],
  refused: [{ title: 'alone', object: database({ replicas: 1, replication: { mode: 'sync' } }) }],
};
