import type { MultiTenantDatabase } from '../../../api/types.generated.ts';
import { parseQueryTimeout } from '../../../values/duration.ts';
import { invalid } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { multiTenantDatabase, writes } from '../examples.ts';

const of = (...tenants: readonly Readonly<Record<string, unknown>>[]): ReturnType<typeof multiTenantDatabase> =>
  multiTenantDatabase({ tenants });

export const tenantsTimeout: Rule<MultiTenantDatabase> = {
  id: 'MT013',
  title: 'statementTimeout is a duration',
  kind: 'MultiTenantDatabase',
  on: writes,
  needs: 'spec.tenants',
  why: 'What is not understood would end no statement or every one.',
  remedy: 'Write a duration such as 30s, or 0 for no limit.',
  since: '0.1.0',
  severity: 'deny',
  check: ({ object }) =>
    (object.spec.tenants ?? []).flatMap(({ config }, index) => {
      const timeout = config?.statementTimeout;
      const parsed = timeout === undefined ? undefined : parseQueryTimeout(timeout);
      return timeout === undefined || parsed?.ok !== false
        ? []
        : [invalid(`spec.tenants[${index}].config.statementTimeout`, timeout, parsed.error)];
    }),
  accepted: [{ title: '30s', object: of({ name: 'acme', config: { statementTimeout: '30s' } }) }],
  refused: [{ title: 'words', object: of({ name: 'acme', config: { statementTimeout: 'half a minute' } }) }],
};
