import type { DatabaseMonitor } from '../../../api/types.generated.ts';
import { targetName, targetNamespace, targetOf } from '../checks/reference.ts';
import { referrers } from '../checks/referrers.ts';
import { forbidden, duplicate, unchecked } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { cluster, database, databaseMonitor, writes } from '../examples.ts';
import { namespaceOf } from '../read.ts';

export const monitorTwice: Rule<DatabaseMonitor> = {
  id: 'DM015',
  title: 'one monitoring per Database',
  kind: 'DatabaseMonitor',
  on: writes,
  why: 'Two exporters of one Database count every sample twice, and every alert comes double.',
  remedy: 'Use either spec.monitoring of the Database or one DatabaseMonitor.',
  since: '0.1.0',
  severity: 'deny',
  check({ object, facts }) {
    const target = targetOf(object, facts);
    if (target?.spec.monitoring?.enabled === true) {
      return [
        forbidden(
          'spec.databaseRef',
          `Database ${target.metadata.name} has spec.monitoring enabled; switch that off, or do without this object`,
        ),
      ];
    }
    const reference = { namespace: targetNamespace(object), name: targetName(object), own: namespaceOf(object) };
    const { found, missing = {} } = referrers<DatabaseMonitor>('DatabaseMonitor', reference, facts);
    const isOther = (monitor: DatabaseMonitor): boolean =>
      monitor.metadata.name !== object.metadata.name || namespaceOf(monitor) !== namespaceOf(object);
    const rival = found.find(isOther);
    if (rival === undefined) {
      return unchecked('spec.databaseRef', 'whether another DatabaseMonitor watches it already', missing);
    }
    return [
      duplicate(
        'spec.databaseRef',
        object.spec.databaseRef,
        `DatabaseMonitor ${namespaceOf(rival)}/${rival.metadata.name} watches it already; change that object`,
      ),
    ];
  },
  accepted: [{ title: 'the only one', object: databaseMonitor(), facts: cluster([database(), databaseMonitor()]) }],
  refused: [
    {
      title: 'the Database watches itself',
      object: databaseMonitor(),
      facts: cluster([database({ monitoring: { enabled: true } })]),
    },
    {
      title: 'a second monitor',
      object: databaseMonitor({}, 'again'),
      facts: cluster([database(), databaseMonitor()]),
    },
  ],
};
