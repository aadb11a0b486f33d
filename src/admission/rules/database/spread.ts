import type { Database } from '../../../api/types.generated.ts';
import { spreadFaults } from '../checks/scheduling.ts';
import type { Rule } from '../../rule.ts';
import { database, writes } from '../examples.ts';

const pod = (podTemplate: Readonly<Record<string, unknown>>): ReturnType<typeof database> => database({ podTemplate });

export const topologySpread: Rule<Database> = {
  id: 'DB126',
  title: 'spread constraints as Kubernetes takes them',
  kind: 'Database',
  on: writes,
  needs: 'spec.podTemplate.topologySpreadConstraints',
  why: 'Kubernetes refuses the pods of a StatefulSet one by one, out of sight.',
  remedy: 'One constraint per topologyKey and whenUnsatisfiable; minDomains only with DoNotSchedule.',
  since: '0.1.0',
  severity: 'deny',
  check: ({ object }) =>
    spreadFaults(
      'spec.podTemplate.topologySpreadConstraints',
      object.spec.podTemplate?.topologySpreadConstraints ?? [],
    ),
  accepted: [
    {
      title: 'over zones',
      object: pod({
        topologySpreadConstraints: [
          { topologyKey: 'topology.kubernetes.io/zone', maxSkew: 1, whenUnsatisfiable: 'ScheduleAnyway' },
        ],
      }),
    },
  ],
  refused: [
    {
      title: 'minDomains that can not hold',
      object: pod({
        topologySpreadConstraints: [
          { topologyKey: 'zone', maxSkew: 1, minDomains: 3, whenUnsatisfiable: 'ScheduleAnyway' },
        ],
      }),
    },
  ],
};
