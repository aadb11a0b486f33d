import type { Database } from '../../../api/types.generated.ts';
import { isDowngrade, isMajorChange } from '../../../engines/catalogue.ts';
import { forbidden } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { database } from '../examples.ts';
import { engineOf } from '../read.ts';

export const versionMajorChange: Rule<Database> = {
  id: 'DB014',
  title: 'no upgrade to another release line',
  kind: 'Database',
  on: ['UPDATE'],
  why: 'Another line reads data files only after a conversion, which this release of the operator does not do: the servers would not start.',
  remedy: 'Stay within the line; for another line make a new Database and move the data with a dump.',
  since: '0.1.0',
  severity: 'deny',
  check({ object, oldObject }) {
    const engine = engineOf(object);
    const before = oldObject?.spec.version;
    const after = object.spec.version;
    if (engine === undefined || before === undefined || after === undefined) return [];
    if (oldObject?.spec.engine !== engine.name || isDowngrade(before, after)) return [];
    if (!isMajorChange(engine.catalogue, before, after)) return [];
    return [
      forbidden(
        'spec.version',
        `from ${before} to ${after} is a major upgrade of ${engine.title}, which this release does not do; make a new Database of version ${after} and move the data with a dump`,
      ),
    ];
  },
  accepted: [
    { title: 'a newer patch', object: database({ version: '16.4' }), oldObject: database({ version: '16.3' }) },
  ],
  refused: [{ title: 'another line', object: database({ version: '17' }), oldObject: database({ version: '16.3' }) }],
};
