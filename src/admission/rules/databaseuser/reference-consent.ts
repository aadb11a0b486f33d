import type { DatabaseUser } from '../../../api/types.generated.ts';
import { referenceConsent } from '../checks/reference.ts';
import type { Rule } from '../../rule.ts';
import { cluster, database, databaseUser, inNamespace, namespace, writes } from '../examples.ts';

export const databaseUserReferenceConsent: Rule<DatabaseUser> = {
  id: 'DU004',
  title: 'other namespace consents',
  kind: 'DatabaseUser',
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
      object: databaseUser({ databaseRef: { name: 'orders', namespace: 'data' } }),
      facts: cluster([
        inNamespace(database(), 'data'),
        namespace('data', { 'database.example.com/allow-references': 'true' }),
      ]),
    },
    { title: 'the own namespace', object: databaseUser() },
  ],
  refused: [
    {
      title: 'it does not',
      object: databaseUser({ databaseRef: { name: 'orders', namespace: 'data' } }),
      facts: cluster([inNamespace(database(), 'data'), namespace('data')]),
    },
  ],
};
