import type { MultiTenantDatabase } from '../../../api/types.generated.ts';
import { identifierFault, reservedFault } from '../checks/identifiers.ts';
import { targetEngine } from '../checks/reference.ts';
import type { Rule } from '../../rule.ts';
import { cluster, database, multiTenantDatabase, writes } from '../examples.ts';

const of = (...tenants: readonly Readonly<Record<string, unknown>>[]): ReturnType<typeof multiTenantDatabase> =>
  multiTenantDatabase({ tenants });

export const tenantNames: Rule<MultiTenantDatabase> = {
  id: 'MT011',
  title: 'tenants have names that the engine takes',
  kind: 'MultiTenantDatabase',
  on: writes,
  needs: 'spec.tenants',
  why: 'Each becomes a database and its owner inside the server.',
  remedy: "Use lower-case letters, digits and -, beginning with a letter, and no name of the engine's own.",
  since: '0.1.0',
  severity: 'deny',
  check({ object, facts }) {
    const engine = targetEngine(object, facts);
    if (engine === undefined) return [];
    return (object.spec.tenants ?? []).flatMap(({ name }, index) => {
      const field = `spec.tenants[${index}].name`;
      const fault =
        identifierFault(field, name, engine.userIdentifier, engine.title) ??
        reservedFault(field, name, engine.databaseIdentifier, engine.title) ??
        reservedFault(field, name, engine.userIdentifier, engine.title);
      return fault === undefined ? [] : [fault];
    });
  },
  accepted: [{ title: 'plain', object: of({ name: 'acme' }), facts: cluster([database()]) }],
  refused: [
    { title: 'the superuser', object: of({ name: 'postgres' }), facts: cluster([database()]) },
    { title: 'begins with a digit', object: of({ name: '1st' }), facts: cluster([database()]) },
  ],
};
