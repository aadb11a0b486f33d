import type { Database } from '../../../api/types.generated.ts';
import { selectorFaults } from '../checks/selectors.ts';
import type { Rule } from '../../rule.ts';
import { database, writes } from '../examples.ts';

const network = (networkPolicy: Readonly<Record<string, unknown>>): ReturnType<typeof database> =>
  database({ networkPolicy });

export const networkClients: Rule<Database> = {
  id: 'DB130',
  title: 'clients are selected by possible labels',
  kind: 'Database',
  on: writes,
  needs: 'spec.networkPolicy.clients',
  why: 'Kubernetes refuses a NetworkPolicy with a selector of another form, and the database would stay open.',
  remedy: 'Write matchLabels and matchExpressions as in a NetworkPolicy.',
  since: '0.1.0',
  severity: 'deny',
  check: ({ object }) =>
    (object.spec.networkPolicy?.clients ?? []).flatMap(({ podSelector, namespaceSelector }, index) => [
      ...selectorFaults(`spec.networkPolicy.clients[${index}].podSelector`, podSelector),
      ...selectorFaults(`spec.networkPolicy.clients[${index}].namespaceSelector`, namespaceSelector),
    ]),
  accepted: [
    {
      title: 'pods of an application',
      object: network({ clients: [{ podSelector: { matchLabels: { app: 'shop' } } }] }),
    },
  ],
  refused: [
    {
      title: 'In without values',
      object: network({ clients: [{ podSelector: { matchExpressions: [{ key: 'app', operator: 'In' }] } }] }),
    },
  ],
};
