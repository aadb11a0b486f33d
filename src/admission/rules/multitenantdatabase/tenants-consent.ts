import type { MultiTenantDatabase } from '../../../api/types.generated.ts';
import { consentOf } from '../checks/reference.ts';
import type { Rule } from '../../rule.ts';
import { cluster, database, multiTenantDatabase, namespace, writes } from '../examples.ts';
import { namespaceOf } from '../read.ts';

const of = (...tenants: readonly Readonly<Record<string, unknown>>[]): ReturnType<typeof multiTenantDatabase> =>
  multiTenantDatabase({ tenants });

export const tenantsConsent: Rule<MultiTenantDatabase> = {
  id: 'MT012',
  title: 'namespaces of tenants consent',
  kind: 'MultiTenantDatabase',
  on: writes,
  needs: 'spec.tenants',
  why: 'A Secret that appears in a namespace uninvited can be mistaken for one of its own.',
  remedy: 'Ask the owner to label the namespace database.example.com/allow-references=true.',
  since: '0.1.0',
  severity: 'deny',
  check: ({ object, facts }) =>
    (object.spec.tenants ?? []).flatMap(({ namespace: other }, index) =>
      consentOf(
        `spec.tenants[${index}].namespace`,
        { own: namespaceOf(object), other, what: 'Secrets of tenants' },
        facts,
      ),
    ),
  accepted: [
    {
      title: 'it does',
      object: of({ name: 'acme', namespace: 'acme' }),
      facts: cluster([database(), namespace('acme', { 'database.example.com/allow-references': 'true' })]),
    },
  ],
  refused: [
    {
      title: 'it does not',
      object: of({ name: 'acme', namespace: 'acme' }),
      facts: cluster([database(), namespace('acme')]),
    },
  ],
};
