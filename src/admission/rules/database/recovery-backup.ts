import type { Database, DatabaseBackup } from '../../../api/types.generated.ts';
import type { Facts } from '../../facts.ts';
import { notChecked, notFound, warning } from '../../field.ts';
import type { Finding } from '../../finding.ts';
import type { Rule } from '../../rule.ts';
import { cluster, database, databaseBackup, inNamespace, namespace } from '../examples.ts';
import { consentOf } from '../checks/reference.ts';
import { namespaceOf } from '../read.ts';

const field = 'spec.bootstrap.recovery.backupRef';

export const recoveryBackup: Rule<Database> = {
  id: 'DB165',
  title: 'backup to recover from exists',
  kind: 'Database',
  on: ['CREATE'],
  needs: 'spec.bootstrap.recovery.backupRef',
  why: 'The Database serves nobody until it has the data of the backup: a misspelt name would keep it waiting.',
  remedy: 'Name a DatabaseBackup that has completed, or a bucket under recovery.s3 when the object is gone.',
  since: '0.1.0',
  severity: 'deny',
  check({ object, facts }) {
    const reference = object.spec.bootstrap?.recovery.backupRef;
    if (reference === undefined) return [];
    const own = namespaceOf(object);
    const what = 'restores of its backups elsewhere';
    const refused = consentOf(`${field}.namespace`, { own, other: reference.namespace, what }, facts);
    return refused.length > 0 ? refused : existence(reference.namespace ?? own, reference.name, facts);
  },
  accepted: [
    { title: 'it is there', object: fromNightly(), facts: cluster([completed()]) },
    {
      title: 'in a namespace that consents',
      object: database({ bootstrap: { recovery: { backupRef: { name: 'nightly', namespace: 'data' } } } }),
      facts: cluster([
        inNamespace(completed(), 'data'),
        namespace('data', { 'database.example.com/allow-references': 'true' }),
      ]),
    },
  ],
  refused: [
    { title: 'misspelt', object: fromNightly('nightley'), facts: cluster([completed()]) },
    {
      title: 'in a namespace that does not consent',
      object: database({ bootstrap: { recovery: { backupRef: { name: 'nightly', namespace: 'data' } } } }),
      facts: cluster([inNamespace(completed(), 'data'), namespace('data')]),
    },
  ],
};

function existence(at: string, name: string, facts: Facts): readonly Finding[] {
  const fact = facts.get('DatabaseBackup', at, name);
  if (!fact.known) return [notChecked(`${field}.name`, `whether DatabaseBackup ${at}/${name} exists`, fact.why)];
  const backup = fact.value as DatabaseBackup | undefined;
  if (backup === undefined) {
    const remedy = `namespace ${at} has no such DatabaseBackup; check the name, or name its bucket under recovery.s3`;
    return [notFound(`${field}.name`, name, remedy)];
  }
  if (backup.status?.location !== undefined) return [];
  return [warning(`${field}.name`, `DatabaseBackup ${at}/${name} has no good backup yet: the Database waits for it`)];
}

function fromNightly(name = 'nightly'): ReturnType<typeof database> {
  return database({ bootstrap: { recovery: { backupRef: { name } } } });
}

function completed(): ReturnType<typeof databaseBackup> {
  return { ...databaseBackup(), status: { location: 's3://backups/shop/orders/20260101T020000Z-nightly' } };
}
