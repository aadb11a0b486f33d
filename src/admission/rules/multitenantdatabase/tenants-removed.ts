import type { MultiTenantDatabase } from '../../../api/types.generated.ts';
import { warning } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { multiTenantDatabase } from '../examples.ts';

export const tenantsRemoved: Rule<MultiTenantDatabase> = {
  id: 'MT016',
  title: 'data of a removed tenant is dropped',
  kind: 'MultiTenantDatabase',
  on: ['UPDATE'],
  needs: 'spec.reclaimPolicy',
  why: 'With reclaimPolicy Delete a tenant that leaves the list loses its database at once.',
  remedy: 'Put the tenant back, or set reclaimPolicy to Retain first.',
  since: '0.1.0',
  severity: 'warn',
  check({ object, oldObject }) {
    if (object.spec.reclaimPolicy !== 'Delete') return [];
    const kept = new Set((object.spec.tenants ?? []).map(({ name }) => name));
    const gone = (oldObject?.spec.tenants ?? []).map(({ name }) => name).filter((name) => !kept.has(name));
    if (gone.length === 0) return [];
    return [
      warning(
        'spec.tenants',
        `${gone.join(', ')} removed under reclaimPolicy Delete: the data is dropped; set Retain first to keep it`,
      ),
    ];
  },
  accepted: [
    {
      title: 'kept',
      object: multiTenantDatabase({ tenants: [], reclaimPolicy: 'Retain' }),
      oldObject: multiTenantDatabase(),
    },
  ],
  refused: [
    {
      title: 'dropped',
      object: multiTenantDatabase({ tenants: [], reclaimPolicy: 'Delete' }),
      oldObject: multiTenantDatabase({ reclaimPolicy: 'Delete' }),
    },
  ],
};
