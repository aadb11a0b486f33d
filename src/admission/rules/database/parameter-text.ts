import type { Database } from '../../../api/types.generated.ts';
import { parameterText as textFaults } from '../checks/parameters.ts';
import type { Rule } from '../../rule.ts';
import { database, writes } from '../examples.ts';

const set = (parameters: Readonly<Record<string, unknown>>): ReturnType<typeof database> =>
  database({ config: { parameters } });

export const parameterText: Rule<Database> = {
  id: 'DB092',
  title: 'values of settings are one line',
  kind: 'Database',
  on: writes,
  needs: 'spec.config.parameters',
  why: 'A line break would begin a second setting, one that nobody checked.',
  remedy: 'Remove line breaks and control characters.',
  since: '0.1.0',
  severity: 'deny',
  check: ({ object }) => textFaults('spec.config.parameters', object.spec.config?.parameters ?? {}),
  accepted: [{ title: 'one line', object: set({ log_line_prefix: '%m [%p] ' }) }],
  refused: [{ title: 'a second setting smuggled in', object: set({ work_mem: "8MB'\nfsync = off" }) }],
};
