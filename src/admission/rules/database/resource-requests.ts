import type { Database } from '../../../api/types.generated.ts';
import { requestsWithinLimits } from '../checks/resources.ts';
import type { Rule } from '../../rule.ts';
import { database, writes } from '../examples.ts';

const ask = (
  requests: Readonly<Record<string, unknown>>,
  limits: Readonly<Record<string, unknown>> = {},
): ReturnType<typeof database> => database({ resources: { requests, limits } });

export const databaseResourceRequests: Rule<Database> = {
  id: 'DB102',
  title: 'requests are within limits',
  kind: 'Database',
  on: writes,
  needs: 'spec.resources',
  why: 'Kubernetes refuses a pod that asks for more than it may use.',
  remedy: 'Lower the request or raise the limit.',
  since: '0.1.0',
  severity: 'deny',
  check: ({ object }) => requestsWithinLimits('spec.resources', object.spec.resources),
  accepted: [{ title: 'below', object: ask({ memory: '1Gi' }, { memory: '2Gi' }) }],
  refused: [{ title: 'above', object: ask({ memory: '4Gi' }, { memory: '2Gi' }) }],
};
