import type { Database } from '../../../api/types.generated.ts';
import { warning } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { database, writes } from '../examples.ts';

export const replicationSyncPair: Rule<Database> = {
  id: 'DB033',
  title: 'synchronous replication over two servers',
  kind: 'Database',
  on: writes,
  needs: 'spec.replication.mode',
  why: 'With one replica every restart of that replica stops writes.',
  remedy: 'Use three replicas or more.',
  since: '0.1.0',
  severity: 'warn',
  check({ object: { spec } }) {
    if (spec.replication?.mode !== 'sync' || spec.replicas !== 2) return [];
    return [
      warning(
        'spec.replicas',
        'with mode sync and one replica, writes wait whenever that replica is down; use 3 or more',
      ),
    ];
  },
  accepted: [{ title: 'three', object: database({ replicas: 3, replication: { mode: 'sync' } }) }],
  refused: [{ title: 'two', object: database({ replicas: 2, replication: { mode: 'sync' } }) }],
};
