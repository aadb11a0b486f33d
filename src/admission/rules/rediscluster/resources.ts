import type { RedisCluster } from '../../../api/types.generated.ts';
import { requestsWithinLimits, resourceNames, resourceQuantities, wholeResources } from '../checks/resources.ts';
import type { Rule } from '../../rule.ts';
import { redisCluster, writes } from '../examples.ts';

export const redisClusterResources: Rule<RedisCluster> = {
  id: 'RC040',
  title: 'requests and limits as Kubernetes takes them',
  kind: 'RedisCluster',
  on: writes,
  needs: 'spec.resources',
  why: 'Kubernetes refuses the pods of a StatefulSet one by one, out of sight.',
  remedy: 'Write quantities, with requests within limits.',
  since: '0.1.0',
  severity: 'deny',
  check: ({ object: { spec } }) => [
    ...resourceQuantities('spec.resources', spec.resources),
    ...resourceNames('spec.resources', spec.resources),
    ...requestsWithinLimits('spec.resources', spec.resources),
    ...wholeResources('spec.resources', spec.resources),
  ],
  accepted: [
    {
      title: 'as usual',
      object: redisCluster({ resources: { requests: { memory: '256Mi' }, limits: { memory: '512Mi' } } }),
    },
  ],
  refused: [
    {
      title: 'above the limit',
      object: redisCluster({ resources: { requests: { memory: '1Gi' }, limits: { memory: '512Mi' } } }),
    },
    { title: 'no quantity', object: redisCluster({ resources: { limits: { memory: '1GB' } } }) },
  ],
};
