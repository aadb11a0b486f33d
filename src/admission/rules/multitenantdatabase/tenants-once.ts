import type { MultiTenantDatabase } from '../../../api/types.generated.ts';
import { duplicate } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { multiTenantDatabase, writes } from '../examples.ts';

const of = (...tenants: readonly Readonly<Record<string, unknown>>[]): ReturnType<typeof multiTenantDatabase> =>
  multiTenantDatabase({ tenants });

export const tenantsOnce: Rule<MultiTenantDatabase> = {
  id: 'MT010',
  title: 'a tenant stands once',
  kind: 'MultiTenantDatabase',
  on: writes,
  needs: 'spec.tenants',
  why: "Two tenants of one name would share one database, and see each other's data.",
  remedy: 'Remove or rename one of the two.',
  since: '0.1.0',
  severity: 'deny',
  check({ object }) {
    const seen = new Set<string>();
    return (object.spec.tenants ?? []).flatMap(({ name }, index) => {
      const normal = name.replaceAll('-', '_');
      if (seen.has(normal))
        return [
          duplicate(
            `spec.tenants[${index}].name`,
            name,
            'another tenant has the name, or one that differs only in - and _ inside the server; rename one',
          ),
        ];
      seen.add(normal);
      return [];
    });
  },
  accepted: [{ title: 'two tenants', object: of({ name: 'acme' }, { name: 'globex' }) }],
  refused: [{ title: 'twice the same', object: of({ name: 'acme' }, { name: 'acme' }) }],
};
