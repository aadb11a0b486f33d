import type { Database } from '../../../api/types.generated.ts';
import { engines } from '../../../engines/index.ts';
import { warning } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { database } from '../examples.ts';
import { engineOf } from '../read.ts';

export const engineNotRun: Rule<Database> = {
  id: 'DB005',
  title: 'engine is not run by this release',
  kind: 'Database',
  on: ['CREATE'],
  why: 'The object is checked and stored, but no server is made for it until a later release of the operator.',
  remedy: 'Use an engine that is run, or wait: the object is picked up by the release that runs its engine.',
  since: '0.1.0',
  severity: 'warn',
  check({ object }) {
    const engine = engineOf(object);
    if (engine === undefined || engine.runtime !== undefined) return [];
    const run = engines.filter(({ runtime }) => runtime !== undefined).map(({ name }) => name);
    return [
      warning(
        'spec.engine',
        `${engine.title} is admitted but not run by this release: nothing is made yet (run: ${run.join(', ')})`,
      ),
    ];
  },
  accepted: [{ title: 'an engine that is run', object: database() }],
  refused: [{ title: 'one that is not', object: database({ engine: 'mongodb', version: '8.0' }) }],
};
