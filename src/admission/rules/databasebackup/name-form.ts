import type { DatabaseBackup } from '../../../api/types.generated.ts';
import { nameFault } from '../checks/names.ts';
import type { Rule } from '../../rule.ts';
import { databaseBackup, writes } from '../examples.ts';

export const databaseBackupNameForm: Rule<DatabaseBackup> = {
  id: 'BK002',
  title: 'name leaves room for what is derived from it',
  kind: 'DatabaseBackup',
  on: writes,
  why: 'Objects that are made of it are named after it, and each kind has its own limit.',
  remedy: 'Use at most 43 characters: lower-case letters, digits and -, beginning with a letter.',
  since: '0.1.0',
  severity: 'deny',
  check({ object }) {
    const fault = nameFault(object, [{ what: 'the CronJob', suffix: '-dbbackup', limit: 52 }]);
    return fault === undefined ? [] : [fault];
  },
  accepted: [{ title: '43 characters', object: databaseBackup({}, 'a'.repeat(43)) }],
  refused: [
    { title: '44 characters', object: databaseBackup({}, 'a'.repeat(44)) },
    { title: 'a dot', object: databaseBackup({}, 'a.b') },
  ],
};
