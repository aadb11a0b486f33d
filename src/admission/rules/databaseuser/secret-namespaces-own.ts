import type { DatabaseUser } from '../../../api/types.generated.ts';
import { invalid } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { databaseUser, writes } from '../examples.ts';
import { namespaceOf } from '../read.ts';

export const secretNamespacesOwn: Rule<DatabaseUser> = {
  id: 'DU041',
  title: 'own namespace needs no copy',
  kind: 'DatabaseUser',
  on: writes,
  needs: 'spec.secretNamespaces',
  why: 'The Secret itself is there.',
  remedy: 'Remove the own namespace from secretNamespaces.',
  since: '0.1.0',
  severity: 'deny',
  check: ({ object }) =>
    (object.spec.secretNamespaces ?? []).flatMap((other, index) =>
      other === namespaceOf(object)
        ? [
            invalid(
              `spec.secretNamespaces[${index}]`,
              other,
              'is the own namespace, where the Secret itself is; remove it',
            ),
          ]
        : [],
    ),
  accepted: [{ title: 'another', object: databaseUser({ secretNamespaces: ['web'] }) }],
  refused: [{ title: 'the own', object: databaseUser({ secretNamespaces: ['shop'] }) }],
};
