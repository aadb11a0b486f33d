import type { Database } from '../../../api/types.generated.ts';
import { affinityFaults } from '../checks/scheduling.ts';
import type { Rule } from '../../rule.ts';
import { database, writes } from '../examples.ts';

const pod = (podTemplate: Readonly<Record<string, unknown>>): ReturnType<typeof database> => database({ podTemplate });

export const affinity: Rule<Database> = {
  id: 'DB125',
  title: 'affinity as Kubernetes takes it',
  kind: 'Database',
  on: writes,
  needs: 'spec.podTemplate.affinity',
  why: 'Kubernetes refuses the pods of a StatefulSet one by one, out of sight.',
  remedy: 'In and NotIn need values, Exists none; weights are 1 to 100; every term of pods needs a topologyKey.',
  since: '0.1.0',
  severity: 'deny',
  check: ({ object }) => affinityFaults('spec.podTemplate.affinity', object.spec.podTemplate?.affinity),
  accepted: [
    {
      title: 'apart from each other',
      object: pod({
        affinity: {
          podAntiAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'kubernetes.io/hostname' }],
          },
        },
      }),
    },
  ],
  refused: [
    {
      title: 'In without values',
      object: pod({
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'In' }] }],
            },
          },
        },
      }),
    },
    {
      title: 'no node label as topologyKey',
      object: pod({
        affinity: {
          podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'host name' }] },
        },
      }),
    },
  ],
};
