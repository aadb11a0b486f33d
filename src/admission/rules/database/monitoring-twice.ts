import type { Database } from '../../../api/types.generated.ts';
import type { DatabaseMonitor } from '../../../api/types.generated.ts';
import { referrers } from '../checks/referrers.ts';
import { forbidden, unchecked } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { cluster, database, databaseMonitor, writes } from '../examples.ts';
import { namespaceOf } from '../read.ts';

export const monitoringTwice: Rule<Database> = {
  id: 'DB083',
  title: 'one monitoring per Database',
  kind: 'Database',
  on: writes,
  needs: 'spec.monitoring.enabled',
  why: 'A DatabaseMonitor of the same Database already makes the exporter and the ServiceMonitor: every sample would be counted twice.',
  remedy: 'Remove spec.monitoring, or delete the DatabaseMonitor.',
  since: '0.1.0',
  severity: 'deny',
  check({ object, facts }) {
    if (object.spec.monitoring?.enabled !== true) return [];
    const { name } = object.metadata;
    const target = { namespace: namespaceOf(object), name };
    const { found, missing = {} } = referrers<DatabaseMonitor>('DatabaseMonitor', target, facts);
    const [other] = found;
    if (other === undefined) {
      return unchecked('spec.monitoring.enabled', 'whether a DatabaseMonitor watches it already', missing);
    }
    return [
      forbidden(
        'spec.monitoring.enabled',
        `DatabaseMonitor ${namespaceOf(other)}/${other.metadata.name} already watches it; remove spec.monitoring or that object`,
      ),
    ];
  },
  accepted: [
    {
      title: 'another Database is watched',
      object: database({ monitoring: { enabled: true } }),
      facts: cluster([databaseMonitor({ databaseRef: { name: 'other' } })]),
    },
  ],
  refused: [
    {
      title: 'watched already',
      object: database({ monitoring: { enabled: true } }),
      facts: cluster([databaseMonitor()]),
    },
  ],
};
