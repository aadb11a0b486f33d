import type { Database } from '../../../api/types.generated.ts';
import { wholeResources } from '../checks/resources.ts';
import type { Rule } from '../../rule.ts';
import { database, writes } from '../examples.ts';

const ask = (
  requests: Readonly<Record<string, unknown>>,
  limits: Readonly<Record<string, unknown>> = {},
): ReturnType<typeof database> => database({ resources: { requests, limits } });

export const databaseResourceWhole: Rule<Database> = {
  id: 'DB103',
  title: 'huge pages and devices are limits as well',
  kind: 'Database',
  on: writes,
  needs: 'spec.resources',
  why: 'Kubernetes does not overcommit them: request and limit must be one.',
  remedy: 'Set the limit, and make the request equal to it or leave it out.',
  since: '0.1.0',
  severity: 'deny',
  check: ({ object }) => wholeResources('spec.resources', object.spec.resources),
  accepted: [{ title: 'only the limit', object: ask({ memory: '1Gi' }, { memory: '1Gi', 'hugepages-2Mi': '128Mi' }) }],
  refused: [
    { title: 'no limit', object: ask({ 'hugepages-2Mi': '128Mi' }) },
    { title: 'less than the limit', object: ask({ 'hugepages-2Mi': '64Mi' }, { 'hugepages-2Mi': '128Mi' }) },
  ],
};
