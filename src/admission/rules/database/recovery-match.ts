import type { Database, DatabaseBackup } from '../../../api/types.generated.ts';
import { isDowngrade, isMajorChange } from '../../../engines/catalogue.ts';
import { engineByName } from '../../../engines/index.ts';
import type { Facts } from '../../facts.ts';
import { invalid } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { cluster, database, databaseBackup } from '../examples.ts';
import { namespaceOf } from '../read.ts';

export const recoveryMatch: Rule<Database> = {
  id: 'DB166',
  title: 'server can read the backup',
  kind: 'Database',
  on: ['CREATE'],
  needs: 'spec.bootstrap.recovery.backupRef',
  why: 'No engine reads the dump of another, and no server is sure to read one of a newer major version.',
  remedy: 'Use the engine of the backup and its major version or a newer one.',
  since: '0.1.0',
  severity: 'deny',
  check({ object, facts }) {
    const { engine = '', version } = object.spec;
    const taken = takenFrom(object, facts);
    if (taken?.engine === undefined) return [];
    if (taken.engine !== engine)
      return [invalid('spec.engine', engine, `the backup is one of ${taken.engine}; set spec.engine to that`)];
    const known = engineByName(engine);
    const [from] = /^\d+(\.\d+){0,2}/.exec(taken.version ?? '') ?? [];
    if (known === undefined || version === undefined || from === undefined) return [];
    if (!isDowngrade(from, version) || !isMajorChange(known.catalogue, from, version)) return [];
    return [invalid('spec.version', version, `the backup is of ${from}; use that version or a newer one`)];
  },
  accepted: [
    { title: 'the same', object: recovered(), facts: cluster([taken('postgresql', '16.4')]) },
    { title: 'a newer major version', object: recovered(), facts: cluster([taken('postgresql', '15.3')]) },
  ],
  refused: [
    { title: 'another engine', object: recovered(), facts: cluster([taken('mysql', '8.0.33')]) },
    { title: 'a newer backup', object: recovered(), facts: cluster([taken('postgresql', '17.2')]) },
  ],
};

/** What the DatabaseBackup says of its last backup; before it has one, what its Database is. */
function takenFrom(
  object: Database,
  facts: Facts,
): { readonly engine?: string | undefined; readonly version?: string | undefined } | undefined {
  const { name = '', namespace = namespaceOf(object) } = object.spec.bootstrap?.recovery.backupRef ?? {};
  const fact = facts.get('DatabaseBackup', namespace, name);
  const backup = fact.known ? (fact.value as DatabaseBackup | undefined) : undefined;
  if (backup === undefined) return undefined;
  const { engine, version } = backup.status ?? {};
  if (engine !== undefined) return { engine, version };
  const { databaseRef } = backup.spec;
  const source = facts.get('Database', databaseRef.namespace ?? namespace, databaseRef.name);
  return source.known ? (source.value as Database | undefined)?.spec : undefined;
}

function recovered(): ReturnType<typeof database> {
  return database({ engine: 'postgresql', version: '16', bootstrap: { recovery: { backupRef: { name: 'nightly' } } } });
}

function taken(engine: string, version: string): ReturnType<typeof databaseBackup> {
  return { ...databaseBackup(), status: { engine, version, location: 's3://b/shop/orders/20260101T020000Z' } };
}
