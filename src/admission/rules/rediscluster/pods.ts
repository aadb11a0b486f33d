import type { RedisCluster } from '../../../api/types.generated.ts';
import { redis } from '../../../engines/redis/index.ts';
import { annotationFaults, environmentFaults, reservedLabelFaults } from '../checks/pod-knobs.ts';
import { affinityFaults, spreadFaults, tolerationFaults } from '../checks/scheduling.ts';
import { labelFaults } from '../checks/selectors.ts';
import type { Rule } from '../../rule.ts';
import { redisCluster, writes } from '../examples.ts';

export const redisClusterPods: Rule<RedisCluster> = {
  id: 'RC041',
  title: 'pods as Kubernetes takes them',
  kind: 'RedisCluster',
  on: writes,
  needs: 'spec.podTemplate',
  why: 'Kubernetes refuses the pods of a StatefulSet one by one, out of sight.',
  remedy: 'Write labels, tolerations and affinity as in a pod.',
  since: '0.1.0',
  severity: 'deny',
  check({ object }) {
    const {
      labels,
      annotations,
      nodeSelector,
      tolerations = [],
      affinity,
      topologySpreadConstraints = [],
      env = [],
    } = object.spec.podTemplate ?? {};
    const at = 'spec.podTemplate';
    return [
      ...labelFaults(`${at}.labels`, labels),
      ...reservedLabelFaults(`${at}.labels`, labels),
      ...annotationFaults(`${at}.annotations`, annotations),
      ...labelFaults(`${at}.nodeSelector`, nodeSelector),
      ...tolerationFaults(`${at}.tolerations`, tolerations),
      ...affinityFaults(`${at}.affinity`, affinity),
      ...spreadFaults(`${at}.topologySpreadConstraints`, topologySpreadConstraints),
      ...environmentFaults(`${at}.env`, env, redis.checks.ownedEnvironment),
    ];
  },
  accepted: [{ title: 'a taint', object: redisCluster({ podTemplate: { tolerations: [{ operator: 'Exists' }] } }) }],
  refused: [
    { title: 'a reserved label', object: redisCluster({ podTemplate: { labels: { app: 'x' } } }) },
    {
      title: 'Exists with a value',
      object: redisCluster({ podTemplate: { tolerations: [{ key: 'a', operator: 'Exists', value: 'b' }] } }),
    },
  ],
};
