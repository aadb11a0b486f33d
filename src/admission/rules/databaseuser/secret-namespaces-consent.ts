import type { DatabaseUser } from '../../../api/types.generated.ts';
import { consentOf } from '../checks/reference.ts';
import type { Rule } from '../../rule.ts';
import { cluster, database, databaseUser, namespace, writes } from '../examples.ts';
import { namespaceOf } from '../read.ts';

export const secretNamespacesConsent: Rule<DatabaseUser> = {
  id: 'DU040',
  title: 'namespaces consent to copies of the Secret',
  kind: 'DatabaseUser',
  on: writes,
  needs: 'spec.secretNamespaces',
  why: 'A Secret that appears in a namespace uninvited can be mistaken for one of its own.',
  remedy: 'Ask the owner to label the namespace database.example.com/allow-references=true.',
  since: '0.1.0',
  severity: 'deny',
  check: ({ object, facts }) =>
    (object.spec.secretNamespaces ?? []).flatMap((other, index) =>
      consentOf(
        `spec.secretNamespaces[${index}]`,
        { own: namespaceOf(object), other, what: 'copies of Secrets' },
        facts,
      ),
    ),
  accepted: [
    {
      title: 'it does',
      object: databaseUser({ secretNamespaces: ['web'] }),
      facts: cluster([database(), namespace('web', { 'database.example.com/allow-references': 'true' })]),
    },
  ],
  refused: [
    {
      title: 'it does not',
      object: databaseUser({ secretNamespaces: ['web'] }),
      facts: cluster([database(), namespace('web')]),
    },
  ],
};
