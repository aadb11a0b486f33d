import type { Database } from '../../../api/types.generated.ts';
import { isDowngrade } from '../../../engines/catalogue.ts';
import { forbidden } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { database } from '../examples.ts';

export const versionDowngrade: Rule<Database> = {
  id: 'DB013',
  title: 'version never goes back',
  kind: 'Database',
  on: ['UPDATE'],
  why: 'An older server can not be trusted with data files that a newer one has written.',
  remedy: 'Put the old version back, or restore a backup into a new Database of the older version.',
  since: '0.1.0',
  severity: 'deny',
  check({ object, oldObject }) {
    const before = oldObject?.spec.version;
    const after = object.spec.version;
    if (before === undefined || after === undefined || !isDowngrade(before, after)) return [];
    if (oldObject?.spec.engine !== object.spec.engine) return [];
    return [
      forbidden(
        'spec.version',
        `${after} is older than ${before}, and a version never goes back; for ${after} make a new Database from a backup`,
      ),
    ];
  },
  accepted: [
    { title: 'a newer patch', object: database({ version: '16.4' }), oldObject: database({ version: '16.3' }) },
    {
      title: 'the same line, said shorter',
      object: database({ version: '16' }),
      oldObject: database({ version: '16.3' }),
    },
  ],
  refused: [
    { title: 'an older patch', object: database({ version: '16.2' }), oldObject: database({ version: '16.3' }) },
  ],
};
