import type { DatabaseMonitor } from '../../../api/types.generated.ts';
import { nameFault } from '../checks/names.ts';
import type { Rule } from '../../rule.ts';
import { databaseMonitor, writes } from '../examples.ts';

export const databaseMonitorNameForm: Rule<DatabaseMonitor> = {
  id: 'DM002',
  title: 'name leaves room for what is derived from it',
  kind: 'DatabaseMonitor',
  on: writes,
  why: 'Objects that are made of it are named after it, and each kind has its own limit.',
  remedy: 'Use at most 45 characters: lower-case letters, digits and -, beginning with a letter.',
  since: '0.1.0',
  severity: 'deny',
  check({ object }) {
    const fault = nameFault(object, [{ what: 'the ServiceMonitor', suffix: '-monitor', limit: 63 }]);
    return fault === undefined ? [] : [fault];
  },
  accepted: [{ title: '45 characters', object: databaseMonitor({}, 'a'.repeat(45)) }],
  refused: [
    { title: '46 characters', object: databaseMonitor({}, 'a'.repeat(46)) },
    { title: 'a dot', object: databaseMonitor({}, 'a.b') },
  ],
};
