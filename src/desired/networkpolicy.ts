/**
 * Who may connect: the declared clients, or every pod of the own namespace when none is declared; besides them always
 * the members, the backup pods, the exporters and the operator, and whoever scrapes an exporter beside a member. What goes out is not limited.
 */
import type { KubernetesObject } from '../api/object.ts';
import { NetworkPolicy } from '../api/resources.ts';
import { child, type Input } from './context.ts';
import { selectorOf } from './labels.ts';
import { exporterLabel, nameLabel, reachesLabel } from './names.ts';

const defaultOperatorNamespace = 'database-system';

type Json = Readonly<Record<string, unknown>>;

export function networkPolicy(input: Input): KubernetesObject {
  const { database, engine, context } = input;
  const { name } = database.metadata;
  const clients = (database.spec.networkPolicy?.clients ?? []).filter(
    ({ podSelector, namespaceSelector }) => podSelector !== undefined || namespaceSelector !== undefined,
  );
  const namespace = context.operatorNamespace ?? defaultOperatorNamespace;
  const exporter = database.spec.monitoring?.enabled === true ? engine.runtime?.exporter(database) : undefined;
  const to = (port: number): Json[] => [{ protocol: 'TCP', port }];
  const ingress: Json[] = [
    { from: clients.length > 0 ? clients : [{ podSelector: {} }], ports: to(engine.port) },
    {
      from: [
        { podSelector: { matchLabels: { [nameLabel]: name, 'app.kubernetes.io/managed-by': 'database-operator' } } },
        { podSelector: { matchLabels: { [reachesLabel]: name, 'app.kubernetes.io/managed-by': 'database-operator' } } },
        {
          podSelector: { matchLabels: { [exporterLabel]: name, 'app.kubernetes.io/managed-by': 'database-operator' } },
        },
        {
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
          podSelector: { matchLabels: { 'app.kubernetes.io/name': 'database-operator' } },
        },
      ],
      ports: to(engine.port),
    },
    ...(exporter ? [{ from: [{ namespaceSelector: {} }], ports: to(exporter.port) }] : []),
  ];
  const spec = { podSelector: { matchLabels: selectorOf(name) }, policyTypes: ['Ingress'], ingress };
  return child(input, NetworkPolicy, name, { spec });
}
