import type { Database } from '../../../api/types.generated.ts';
import { parseQueryTimeout } from '../../../values/duration.ts';
import { invalid } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { database, writes } from '../examples.ts';

export const queryTimeout: Rule<Database> = {
  id: 'DB097',
  title: 'queryTimeout is a duration',
  kind: 'Database',
  on: writes,
  needs: 'spec.config.queryTimeout',
  why: 'What is not understood would either end no query or every one.',
  remedy: 'Write a duration such as 30s or 1m30s, or 0 for no limit.',
  since: '0.1.0',
  severity: 'deny',
  check({ object }) {
    const timeout = object.spec.config?.queryTimeout;
    const parsed = timeout === undefined ? undefined : parseQueryTimeout(timeout);
    return timeout === undefined || parsed?.ok !== false
      ? []
      : [invalid('spec.config.queryTimeout', timeout, parsed.error)];
  },
  accepted: [
    { title: '30s', object: database({ config: { queryTimeout: '30s' } }) },
    { title: 'no limit', object: database({ config: { queryTimeout: '0' } }) },
  ],
  refused: [
    { title: 'words', object: database({ config: { queryTimeout: '30 seconds' } }) },
    { title: 'negative', object: database({ config: { queryTimeout: '-1s' } }) },
  ],
};
