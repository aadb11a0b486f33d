import type { Database } from '../../../api/types.generated.ts';
import { tolerationFaults } from '../checks/scheduling.ts';
import type { Rule } from '../../rule.ts';
import { database, writes } from '../examples.ts';

const pod = (podTemplate: Readonly<Record<string, unknown>>): ReturnType<typeof database> => database({ podTemplate });

export const tolerations: Rule<Database> = {
  id: 'DB124',
  title: 'tolerations as Kubernetes takes them',
  kind: 'Database',
  on: writes,
  needs: 'spec.podTemplate.tolerations',
  why: 'Kubernetes refuses the pods of a StatefulSet one by one, out of sight.',
  remedy: 'An empty key needs operator Exists; Exists has no value; tolerationSeconds needs effect NoExecute.',
  since: '0.1.0',
  severity: 'deny',
  check: ({ object }) => tolerationFaults('spec.podTemplate.tolerations', object.spec.podTemplate?.tolerations ?? []),
  accepted: [
    { title: 'a taint', object: pod({ tolerations: [{ key: 'database', operator: 'Exists', effect: 'NoSchedule' }] }) },
    { title: 'everything', object: pod({ tolerations: [{ operator: 'Exists' }] }) },
  ],
  refused: [
    { title: 'Exists with a value', object: pod({ tolerations: [{ key: 'a', operator: 'Exists', value: 'b' }] }) },
    { title: 'no key', object: pod({ tolerations: [{ operator: 'Equal', value: 'b' }] }) },
    {
      title: 'seconds of another effect',
      object: pod({ tolerations: [{ key: 'a', effect: 'NoSchedule', tolerationSeconds: 5 }] }),
    },
  ],
};
