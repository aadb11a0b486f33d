import type { Database } from '../../../api/types.generated.ts';
import { likelySlips } from '../checks/resources.ts';
import type { Rule } from '../../rule.ts';
import { database, writes } from '../examples.ts';

const ask = (
  requests: Readonly<Record<string, unknown>>,
  limits: Readonly<Record<string, unknown>> = {},
): ReturnType<typeof database> => database({ resources: { requests, limits } });

export const databaseResourceSlips: Rule<Database> = {
  id: 'DB104',
  title: 'amounts that were hardly meant',
  kind: 'Database',
  on: writes,
  needs: 'spec.resources',
  why: '512m of memory is half a byte, and cpu 500 is five hundred cores.',
  remedy: 'Write m after cpu and Mi or Gi after memory.',
  since: '0.1.0',
  severity: 'warn',
  check: ({ object }) => likelySlips('spec.resources', object.spec.resources),
  accepted: [{ title: 'as usual', object: ask({ cpu: '500m', memory: '512Mi' }) }],
  refused: [
    { title: 'five hundred cores', object: ask({ cpu: 500 }) },
    { title: 'half a byte', object: ask({ memory: '512m' }) },
  ],
};
