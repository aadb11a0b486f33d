import type { MultiTenantDatabase } from '../../../api/types.generated.ts';
import { referenceConsent } from '../checks/reference.ts';
import type { Rule } from '../../rule.ts';
import { cluster, database, inNamespace, multiTenantDatabase, namespace, writes } from '../examples.ts';

export const multiTenantDatabaseReferenceConsent: Rule<MultiTenantDatabase> = {
  id: 'MT004',
  title: 'other namespace consents',
  kind: 'MultiTenantDatabase',
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
      object: multiTenantDatabase({ databaseRef: { name: 'orders', namespace: 'data' } }),
      facts: cluster([
        inNamespace(database(), 'data'),
        namespace('data', { 'database.example.com/allow-references': 'true' }),
      ]),
    },
    { title: 'the own namespace', object: multiTenantDatabase() },
  ],
  refused: [
    {
      title: 'it does not',
      object: multiTenantDatabase({ databaseRef: { name: 'orders', namespace: 'data' } }),
      facts: cluster([inNamespace(database(), 'data'), namespace('data')]),
    },
  ],
};
