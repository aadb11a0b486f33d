import type { Database } from '../../../api/types.generated.ts';
import { parameterNames } from '../checks/parameters.ts';
import type { Rule } from '../../rule.ts';
import { database, writes } from '../examples.ts';

const set = (parameters: Readonly<Record<string, unknown>>): ReturnType<typeof database> =>
  database({ config: { parameters } });

export const parameterName: Rule<Database> = {
  id: 'DB091',
  title: 'settings have possible names',
  kind: 'Database',
  on: writes,
  needs: 'spec.config.parameters',
  why: 'What is no name breaks the configuration file, and the server does not start again.',
  remedy: 'Write the name as the manual of the engine has it.',
  since: '0.1.0',
  severity: 'deny',
  check: ({ object }) => parameterNames('spec.config.parameters', object.spec.config?.parameters ?? {}),
  accepted: [{ title: 'with a dot', object: set({ 'pg_stat_statements.max': 5000 }) }],
  refused: [
    { title: 'a line break', object: set({ 'work_mem\nfsync': 'off' }) },
    { title: 'an equals sign', object: set({ 'work_mem=8MB': 1 }) },
  ],
};
