import type { Database } from '../../../api/types.generated.ts';
import type { Rule } from '../../rule.ts';
import { nameFault } from '../checks/names.ts';
import { database, writes } from '../examples.ts';

export const nameForm: Rule<Database> = {
  id: 'DB050',
  title: 'name leaves room for what is derived from it',
  kind: 'Database',
  on: writes,
  why: 'Services, pods, volumes and the backup CronJob are named after the Database, and each kind has its own limit.',
  remedy: 'Use at most 45 characters: lower-case letters, digits and -, beginning with a letter.',
  since: '0.1.0',
  severity: 'deny',
  check({ object }) {
    const fault = nameFault(object, [{ what: 'the CronJob', suffix: '-backup', limit: 52 }]);
    return fault === undefined ? [] : [fault];
  },
  accepted: [
    { title: '45 characters', object: database({}, 'a'.repeat(45)) },
    {
      title: 'generated',
      object: { ...database(), metadata: { generateName: 'review-', namespace: 'shop' } as never },
    },
  ],
  refused: [
    { title: '46 characters', object: database({}, 'a'.repeat(46)) },
    { title: 'begins with a digit', object: database({}, '1st') },
    {
      title: 'a prefix that leaves no room for the end',
      object: { ...database(), metadata: { generateName: 'a'.repeat(41), namespace: 'shop' } as never },
    },
  ],
};
