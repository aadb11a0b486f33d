import type { Database } from '../../../api/types.generated.ts';
import { forbidden } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { database } from '../examples.ts';

export const engineImmutable: Rule<Database> = {
  id: 'DB003',
  title: 'engine never changes',
  kind: 'Database',
  on: ['UPDATE'],
  why: 'The data on the volumes belongs to one engine; another could not even start on it.',
  remedy:
    'Put the old engine back; for another engine make a new Database and move the data with the tools of the engines.',
  since: '0.1.0',
  severity: 'deny',
  check({ object, oldObject }) {
    const before = oldObject?.spec.engine;
    if (before === undefined || object.spec.engine === undefined || object.spec.engine === before) return [];
    return [
      forbidden(
        'spec.engine',
        `the engine is ${before} and can't be changed; make a new Database for ${object.spec.engine} and move the data`,
      ),
    ];
  },
  accepted: [{ title: 'the same engine, left out', object: database({ engine: undefined }), oldObject: database() }],
  refused: [{ title: 'another engine', object: database({ engine: 'mysql', version: '8.4' }), oldObject: database() }],
};
