import type { DatabaseBackup } from '../../../api/types.generated.ts';
import { referenceConsent } from '../checks/reference.ts';
import type { Rule } from '../../rule.ts';
import { cluster, database, databaseBackup, inNamespace, namespace, writes } from '../examples.ts';

export const databaseBackupReferenceConsent: Rule<DatabaseBackup> = {
  id: 'BK004',
  title: 'other namespace consents',
  kind: 'DatabaseBackup',
  on: writes,
  needs: 'spec.databaseRef.namespace',
  why: 'Who owns a namespace decides whether others may reach into its databases.',
  remedy: 'Ask the owner to label the namespace database.example.com/allow-references=true.',
  since: '0.1.0',
  severity: 'deny',
  check: ({ object, facts }) => referenceConsent(object, facts),
  accepted: [
    {
      title: 'it does',
      object: databaseBackup({ databaseRef: { name: 'orders', namespace: 'data' } }),
      facts: cluster([
        inNamespace(database(), 'data'),
        namespace('data', { 'database.example.com/allow-references': 'true' }),
      ]),
    },
    { title: 'the own namespace', object: databaseBackup() },
  ],
  refused: [
    {
      title: 'it does not',
      object: databaseBackup({ databaseRef: { name: 'orders', namespace: 'data' } }),
      facts: cluster([inNamespace(database(), 'data'), namespace('data')]),
    },
  ],
};
