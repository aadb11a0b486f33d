import type { Database } from '../../../api/types.generated.ts';
import { resourceQuantities } from '../checks/resources.ts';
import type { Rule } from '../../rule.ts';
import { database, writes } from '../examples.ts';

const ask = (
  requests: Readonly<Record<string, unknown>>,
  limits: Readonly<Record<string, unknown>> = {},
): ReturnType<typeof database> => database({ resources: { requests, limits } });

export const databaseResourceQuantities: Rule<Database> = {
  id: 'DB100',
  title: 'requests and limits are quantities',
  kind: 'Database',
  on: writes,
  needs: 'spec.resources',
  why: 'Kubernetes refuses the pods of a StatefulSet whose amounts it can not read, one by one and out of sight.',
  remedy: 'Write quantities such as 500m or 2 of cpu, and 1Gi of memory.',
  since: '0.1.0',
  severity: 'deny',
  check: ({ object }) => resourceQuantities('spec.resources', object.spec.resources),
  accepted: [{ title: 'as usual', object: ask({ cpu: '500m', memory: '1Gi' }) }],
  refused: [
    { title: 'GB is no unit', object: ask({ memory: '1GB' }) },
    { title: 'negative', object: ask({ cpu: '-1' }) },
  ],
};
