import type { Database } from '../../../api/types.generated.ts';
import { invalid } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { database, writes } from '../examples.ts';

export const engineSpellingsAgree: Rule<Database> = {
  id: 'DB002',
  title: 'type agrees with engine',
  kind: 'Database',
  on: writes,
  needs: 'spec.type',
  why: 'spec.type is an older spelling of spec.engine: two different engines can not both be meant.',
  remedy: 'Remove spec.type.',
  since: '0.1.0',
  severity: 'deny',
  check({ object: { spec } }) {
    if (spec.type === undefined || spec.engine === undefined || spec.type === spec.engine) return [];
    return [
      invalid(
        'spec.type',
        spec.type,
        `must agree with spec.engine ("${spec.engine}"), of which it is an older spelling; remove it`,
      ),
    ];
  },
  accepted: [{ title: 'both say the same', object: database({ type: 'postgresql' }) }],
  refused: [{ title: 'two engines', object: database({ type: 'mysql' }) }],
};
