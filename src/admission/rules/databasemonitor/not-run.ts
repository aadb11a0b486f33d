import type { DatabaseMonitor } from '../../../api/types.generated.ts';
import { notRun } from '../checks/not-run.ts';
import type { Rule } from '../../rule.ts';
import { databaseMonitor } from '../examples.ts';

export const databaseMonitorNotRun: Rule<DatabaseMonitor> = {
  id: 'DM001',
  title: 'kind is not run by this release',
  kind: 'DatabaseMonitor',
  on: ['CREATE'],
  why: 'The object is checked and stored, but nothing is made of it until a later release of the operator.',
  remedy: 'Wait for the release that runs it: the object is picked up then.',
  since: '0.1.0',
  severity: 'warn',
  check: () => notRun('DatabaseMonitor objects'),
  accepted: [{ title: 'an update says it no more', object: databaseMonitor(), oldObject: databaseMonitor() }],
  refused: [{ title: 'created', object: databaseMonitor() }],
};
