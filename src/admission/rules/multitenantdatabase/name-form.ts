import type { MultiTenantDatabase } from '../../../api/types.generated.ts';
import { nameFault } from '../checks/names.ts';
import type { Rule } from '../../rule.ts';
import { multiTenantDatabase, writes } from '../examples.ts';

export const multiTenantDatabaseNameForm: Rule<MultiTenantDatabase> = {
  id: 'MT002',
  title: 'name leaves room for what is derived from it',
  kind: 'MultiTenantDatabase',
  on: writes,
  why: 'Objects that are made of it are named after it, and each kind has its own limit.',
  remedy: 'Use at most 45 characters: lower-case letters, digits and -, beginning with a letter.',
  since: '0.1.0',
  severity: 'deny',
  check({ object }) {
    const fault = nameFault(object, [{ what: 'a label', suffix: '', limit: 63 }]);
    return fault === undefined ? [] : [fault];
  },
  accepted: [{ title: '45 characters', object: multiTenantDatabase({}, 'a'.repeat(45)) }],
  refused: [
    { title: '46 characters', object: multiTenantDatabase({}, 'a'.repeat(46)) },
    { title: 'a dot', object: multiTenantDatabase({}, 'a.b') },
  ],
};
