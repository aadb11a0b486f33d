import type { DatabaseUser } from '../../../api/types.generated.ts';
import { notRun } from '../checks/not-run.ts';
import type { Rule } from '../../rule.ts';
import { databaseUser } from '../examples.ts';

export const databaseUserNotRun: Rule<DatabaseUser> = {
  id: 'DU001',
  title: 'kind is not run by this release',
  kind: 'DatabaseUser',
  on: ['CREATE'],
  why: 'The object is checked and stored, but nothing is made of it until a later release of the operator.',
  remedy: 'Wait for the release that runs it: the object is picked up then.',
  since: '0.1.0',
  severity: 'warn',
  check: () => notRun('DatabaseUser objects'),
  accepted: [{ title: 'an update says it no more', object: databaseUser(), oldObject: databaseUser() }],
  refused: [{ title: 'created', object: databaseUser() }],
};
