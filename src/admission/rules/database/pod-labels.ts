import type { Database } from '../../../api/types.generated.ts';
import { labelFaults } from '../checks/selectors.ts';
import type { Rule } from '../../rule.ts';
import { database, writes } from '../examples.ts';

const pod = (podTemplate: Readonly<Record<string, unknown>>): ReturnType<typeof database> => database({ podTemplate });

export const podLabels: Rule<Database> = {
  id: 'DB120',
  title: 'labels of pods are labels',
  kind: 'Database',
  on: writes,
  needs: 'spec.podTemplate.labels',
  why: 'Kubernetes refuses a pod with a label of another form.',
  remedy: 'Use letters, digits, -, _ and ., up to 63 characters.',
  since: '0.1.0',
  severity: 'deny',
  check: ({ object }) => labelFaults('spec.podTemplate.labels', object.spec.podTemplate?.labels),
  accepted: [{ title: 'plain', object: pod({ labels: { team: 'payments' } }) }],
  refused: [
    { title: 'a blank', object: pod({ labels: { team: 'the payments' } }) },
    { title: 'two slashes', object: pod({ labels: { 'a/b/c': 'x' } }) },
  ],
};
