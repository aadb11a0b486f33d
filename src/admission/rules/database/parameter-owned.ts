import type { Database } from '../../../api/types.generated.ts';
import { parameterOwners } from '../checks/parameters.ts';
import type { Rule } from '../../rule.ts';
import { database, writes } from '../examples.ts';
import { engineOf } from '../read.ts';

const set = (parameters: Readonly<Record<string, unknown>>): ReturnType<typeof database> =>
  database({ config: { parameters } });

export const parameterOwned: Rule<Database> = {
  id: 'DB090',
  title: 'settings that the operator owns',
  kind: 'Database',
  on: writes,
  needs: 'spec.config.parameters',
  why: 'The operator sets them itself; a second opinion would break replication, access or backups.',
  remedy: 'Use the field of the Database that the message names, or remove the setting.',
  since: '0.1.0',
  severity: 'deny',
  check({ object }) {
    const engine = engineOf(object);
    const { parameters } = object.spec.config ?? {};
    return engine === undefined || parameters === undefined
      ? []
      : parameterOwners('spec.config.parameters', parameters, engine);
  },
  accepted: [{ title: "a setting of one's own", object: set({ work_mem: '8MB' }) }],
  refused: [
    { title: 'max_connections has a field', object: set({ max_connections: 500 }) },
    { title: 'in capitals', object: set({ PORT: 5433 }) },
  ],
};
