import type { Database } from '../../../api/types.generated.ts';
import { reservedLabelFaults } from '../checks/pod-knobs.ts';
import type { Rule } from '../../rule.ts';
import { database, writes } from '../examples.ts';

const pod = (podTemplate: Readonly<Record<string, unknown>>): ReturnType<typeof database> => database({ podTemplate });

export const podLabelsReserved: Rule<Database> = {
  id: 'DB121',
  title: 'labels of the operator',
  kind: 'Database',
  on: writes,
  needs: 'spec.podTemplate.labels',
  why: 'Services and the StatefulSet find their pods by these labels.',
  remedy: 'Use a label with a domain of your own.',
  since: '0.1.0',
  severity: 'deny',
  check: ({ object }) => reservedLabelFaults('spec.podTemplate.labels', object.spec.podTemplate?.labels),
  accepted: [{ title: "a label of one's own", object: pod({ labels: { 'example.org/role': 'x' } }) }],
  refused: [
    { title: 'app', object: pod({ labels: { app: 'mine' } }) },
    { title: 'role', object: pod({ labels: { role: 'primary' } }) },
  ],
};
