import type { Database } from '../../../api/types.generated.ts';
import type { LabelSelector } from '../../../api/types.generated.ts';
import { warning } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { database, writes } from '../examples.ts';

const network = (networkPolicy: Readonly<Record<string, unknown>>): ReturnType<typeof database> =>
  database({ networkPolicy });

const isEverything = ({ matchLabels = {}, matchExpressions = [] }: LabelSelector): boolean =>
  Object.keys(matchLabels).length === 0 && matchExpressions.length === 0;

export const networkOpen: Rule<Database> = {
  id: 'DB131',
  title: 'database is open to the whole cluster',
  kind: 'Database',
  on: writes,
  needs: 'spec.networkPolicy',
  why: 'Any pod of any namespace can try passwords against it.',
  remedy: 'Declare the clients by their labels.',
  since: '0.1.0',
  severity: 'warn',
  check({ object }) {
    const { enabled, clients = [] } = object.spec.networkPolicy ?? {};
    if (enabled === false) {
      return [
        warning(
          'spec.networkPolicy.enabled',
          'is false: every pod of the cluster can reach the database; declare clients instead',
        ),
      ];
    }
    return clients.flatMap(({ namespaceSelector, podSelector }, index) =>
      namespaceSelector !== undefined && isEverything(namespaceSelector) && isEverything(podSelector ?? {})
        ? [warning(`spec.networkPolicy.clients[${index}]`, 'selects every pod of every namespace; narrow it by labels')]
        : [],
    );
  },
  accepted: [
    { title: 'clients by label', object: network({ clients: [{ podSelector: { matchLabels: { app: 'shop' } } }] }) },
  ],
  refused: [
    { title: 'switched off', object: network({ enabled: false }) },
    { title: 'everything', object: network({ clients: [{ namespaceSelector: {} }] }) },
  ],
};
