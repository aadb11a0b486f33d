import type { MultiTenantDatabase } from '../../../api/types.generated.ts';
import { notRun } from '../checks/not-run.ts';
import type { Rule } from '../../rule.ts';
import { multiTenantDatabase } from '../examples.ts';

export const multiTenantDatabaseNotRun: Rule<MultiTenantDatabase> = {
  id: 'MT001',
  title: 'kind is not run by this release',
  kind: 'MultiTenantDatabase',
  on: ['CREATE'],
  why: 'The object is checked and stored, but nothing is made of it until a later release of the operator.',
  remedy: 'Wait for the release that runs it: the object is picked up then.',
  since: '0.1.0',
  severity: 'warn',
  check: () => notRun('MultiTenantDatabase objects'),
  accepted: [{ title: 'an update says it no more', object: multiTenantDatabase(), oldObject: multiTenantDatabase() }],
  refused: [{ title: 'created', object: multiTenantDatabase() }],
};
