import type { MultiTenantDatabase } from '../../../api/types.generated.ts';
import { positiveQuantityFault } from '../checks/quantity.ts';
import type { Rule } from '../../rule.ts';
import { multiTenantDatabase, writes } from '../examples.ts';

const of = (...tenants: readonly Readonly<Record<string, unknown>>[]): ReturnType<typeof multiTenantDatabase> =>
  multiTenantDatabase({ tenants });

export const tenantsQuota: Rule<MultiTenantDatabase> = {
  id: 'MT014',
  title: 'quota is a quantity',
  kind: 'MultiTenantDatabase',
  on: writes,
  needs: 'spec.tenants',
  why: 'It is compared with the size of a database.',
  remedy: 'Write a positive quantity such as 5Gi.',
  since: '0.1.0',
  severity: 'deny',
  check: ({ object }) =>
    (object.spec.tenants ?? []).flatMap(({ config }, index) => {
      const fault = positiveQuantityFault(`spec.tenants[${index}].config.quota`, config?.quota, '5Gi');
      return fault === undefined ? [] : [fault];
    }),
  accepted: [{ title: '5Gi', object: of({ name: 'acme', config: { quota: '5Gi' } }) }],
  refused: [{ title: 'GB', object: of({ name: 'acme', config: { quota: '5GB' } }) }],
};
