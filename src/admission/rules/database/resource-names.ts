import type { Database } from '../../../api/types.generated.ts';
import { resourceNames } from '../checks/resources.ts';
import type { Rule } from '../../rule.ts';
import { database, writes } from '../examples.ts';

const ask = (
  requests: Readonly<Record<string, unknown>>,
  limits: Readonly<Record<string, unknown>> = {},
): ReturnType<typeof database> => database({ resources: { requests, limits } });

export const databaseResourceNames: Rule<Database> = {
  id: 'DB101',
  title: 'resources have known names',
  kind: 'Database',
  on: writes,
  needs: 'spec.resources',
  why: 'A misspelt resource makes a pod that no node takes.',
  remedy: 'Use cpu, memory, ephemeral-storage, hugepages-2Mi, or a name with a domain.',
  since: '0.1.0',
  severity: 'deny',
  check: ({ object }) => resourceNames('spec.resources', object.spec.resources),
  accepted: [{ title: 'a device', object: ask({ cpu: 1, 'example.org/disk': 1 }, { 'example.org/disk': 1 }) }],
  refused: [{ title: 'misspelt', object: ask({ memroy: '1Gi' }) }],
};
