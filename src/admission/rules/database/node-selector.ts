import type { Database } from '../../../api/types.generated.ts';
import { labelFaults } from '../checks/selectors.ts';
import type { Rule } from '../../rule.ts';
import { database, writes } from '../examples.ts';

const pod = (podTemplate: Readonly<Record<string, unknown>>): ReturnType<typeof database> => database({ podTemplate });

export const nodeSelector: Rule<Database> = {
  id: 'DB123',
  title: 'nodeSelector holds labels',
  kind: 'Database',
  on: writes,
  needs: 'spec.podTemplate.nodeSelector',
  why: 'No node can have a label of another form: the pods would stay Pending.',
  remedy: 'Use keys and values as nodes have them (kubectl get nodes --show-labels).',
  since: '0.1.0',
  severity: 'deny',
  check: ({ object }) => labelFaults('spec.podTemplate.nodeSelector', object.spec.podTemplate?.nodeSelector),
  accepted: [{ title: 'a label of nodes', object: pod({ nodeSelector: { 'kubernetes.io/os': 'linux' } }) }],
  refused: [{ title: 'a blank', object: pod({ nodeSelector: { disk: 'very fast' } }) }],
};
