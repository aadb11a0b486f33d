import type { Database } from '../../../api/types.generated.ts';
import { memoryFloor } from '../checks/resources.ts';
import type { Rule } from '../../rule.ts';
import { database, writes } from '../examples.ts';
import { engineOf } from '../read.ts';

const ask = (
  requests: Readonly<Record<string, unknown>>,
  limits: Readonly<Record<string, unknown>> = {},
): ReturnType<typeof database> => database({ resources: { requests, limits } });

export const databaseMemoryFloor: Rule<Database> = {
  id: 'DB105',
  title: 'memory limit is enough for the engine',
  kind: 'Database',
  on: writes,
  needs: 'spec.resources',
  why: 'Below it the server does not start or is killed at once, again and again.',
  remedy: 'Raise the memory limit, or remove it.',
  since: '0.1.0',
  severity: 'deny',
  check({ object }) {
    const engine = engineOf(object);
    if (engine === undefined) return [];
    const fault = memoryFloor('spec.resources', object.spec.resources, {
      title: engine.title,
      leastMemoryBytes: engine.checks.leastMemoryBytes,
    });
    return fault === undefined ? [] : [fault];
  },
  accepted: [{ title: 'enough', object: ask({}, { memory: '512Mi' }) }],
  refused: [
    { title: 'too little', object: ask({}, { memory: '64Mi' }) },
    {
      title: 'too little for MySQL',
      object: database({ engine: 'mysql', version: '8.4', resources: { limits: { memory: '256Mi' } } }),
    },
  ],
};
