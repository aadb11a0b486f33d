import type { Database } from '../../../api/types.generated.ts';
import { parameterTwice as twice } from '../checks/parameters.ts';
import type { Rule } from '../../rule.ts';
import { database, writes } from '../examples.ts';
import { engineOf } from '../read.ts';

const set = (parameters: Readonly<Record<string, unknown>>): ReturnType<typeof database> =>
  database({ config: { parameters } });

export const parameterTwice: Rule<Database> = {
  id: 'DB094',
  title: 'a setting stands once',
  kind: 'Database',
  on: writes,
  needs: 'spec.config.parameters',
  why: 'Of two spellings of one setting the engine takes one, and nobody can say which.',
  remedy: 'Keep one of them.',
  since: '0.1.0',
  severity: 'deny',
  check({ object }) {
    const engine = engineOf(object);
    const { parameters } = object.spec.config ?? {};
    return engine === undefined || parameters === undefined ? [] : twice('spec.config.parameters', parameters, engine);
  },
  accepted: [{ title: 'different settings', object: set({ work_mem: '8MB', maintenance_work_mem: '64MB' }) }],
  refused: [{ title: 'in two cases', object: set({ work_mem: '8MB', WORK_MEM: '16MB' }) }],
};
