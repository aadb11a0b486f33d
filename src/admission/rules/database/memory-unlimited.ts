import type { Database } from '../../../api/types.generated.ts';
import { warning } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { database, writes } from '../examples.ts';

const ask = (
  requests: Readonly<Record<string, unknown>>,
  limits: Readonly<Record<string, unknown>> = {},
): ReturnType<typeof database> => database({ resources: { requests, limits } });

export const databaseMemoryUnlimited: Rule<Database> = {
  id: 'DB106',
  title: 'no memory limit',
  kind: 'Database',
  on: writes,
  needs: 'spec.resources',
  why: 'Without a limit buffers can not be sized, and a runaway query takes the memory of its neighbours.',
  remedy: 'Set spec.resources.limits.memory.',
  since: '0.1.0',
  severity: 'warn',
  check({ object }) {
    const { resources } = object.spec;
    if (resources === undefined || resources.limits?.['memory'] !== undefined) return [];
    return [
      warning(
        'spec.resources.limits',
        'has no memory: buffers are not sized to the pod, and one query can take the node; set a memory limit',
      ),
    ];
  },
  accepted: [{ title: 'with a limit', object: ask({ memory: '1Gi' }, { memory: '1Gi' }) }],
  refused: [{ title: 'cpu only', object: ask({ cpu: '1' }) }],
};
