import type { MultiTenantDatabase } from '../../../api/types.generated.ts';
import { targetOf } from '../checks/reference.ts';
import { warning } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { cluster, database, multiTenantDatabase, writes } from '../examples.ts';

/** What every engine has unless told otherwise. */
const defaultConnections = 100;

const of = (...tenants: readonly Readonly<Record<string, unknown>>[]): ReturnType<typeof multiTenantDatabase> =>
  multiTenantDatabase({ tenants });

export const tenantsConnections: Rule<MultiTenantDatabase> = {
  id: 'MT015',
  title: 'connections of tenants exceed the server',
  kind: 'MultiTenantDatabase',
  on: writes,
  needs: 'spec.tenants',
  why: 'When all tenants use what they were promised, some of them are refused.',
  remedy: 'Lower the limits, or raise spec.config.maxConnections of the Database.',
  since: '0.1.0',
  severity: 'warn',
  check({ object, facts }) {
    const target = targetOf(object, facts);
    const most = target?.spec.config?.maxConnections ?? defaultConnections;
    const promised = (object.spec.tenants ?? []).reduce((sum, { config }) => sum + (config?.connectionLimit ?? 0), 0);
    if (target === undefined || promised <= most) return [];
    return [
      warning(
        'spec.tenants',
        `are promised ${promised} connections together, but Database ${target.metadata.name} has ${most}; lower the limits or raise its maxConnections`,
      ),
    ];
  },
  accepted: [
    { title: 'within', object: of({ name: 'acme', config: { connectionLimit: 50 } }), facts: cluster([database()]) },
  ],
  refused: [
    {
      title: 'beyond',
      object: of(
        { name: 'acme', config: { connectionLimit: 80 } },
        { name: 'globex', config: { connectionLimit: 80 } },
      ),
      facts: cluster([database()]),
    },
  ],
};
