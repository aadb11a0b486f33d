import type { Database } from '../../../api/types.generated.ts';
import { endOfLife, findVersion } from '../../../engines/catalogue.ts';
import { warning } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { database, writes } from '../examples.ts';
import { engineOf } from '../read.ts';

/** How long before its end a version is worth a word. */
const noticeDays = 90;

export const versionEndOfLife: Rule<Database> = {
  id: 'DB012',
  title: 'version is past its end of life',
  kind: 'Database',
  on: writes,
  why: 'After that day its makers mend nothing any more, security holes included.',
  remedy: 'Move to a line that is still supported.',
  since: '0.1.0',
  severity: 'warn',
  check({ object, now }) {
    const engine = engineOf(object);
    if (engine === undefined || object.spec.version === undefined) return [];
    const found = findVersion(engine.catalogue, object.spec.version);
    if (!found.exists) return [];
    const name = `${engine.title} ${found.line.line}`;
    const ended = endOfLife(found.line, now);
    if (ended !== undefined) {
      return [
        warning(
          'spec.version',
          `${name} reached its end of life on ${ended}: it gets no security fixes; plan an upgrade`,
        ),
      ];
    }
    const soon = endOfLife(found.line, new Date(now.getTime() + noticeDays * 86_400_000));
    return soon === undefined
      ? []
      : [warning('spec.version', `${name} reaches its end of life on ${soon}; plan an upgrade`)];
  },
  accepted: [{ title: 'a supported line', object: database() }],
  refused: [{ title: 'PostgreSQL 13', object: database({ version: '13.7' }) }],
};
