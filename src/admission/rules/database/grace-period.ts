import type { Database } from '../../../api/types.generated.ts';
import { warning } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { database, writes } from '../examples.ts';

const pod = (podTemplate: Readonly<Record<string, unknown>>): ReturnType<typeof database> => database({ podTemplate });

const least = 30;

export const gracePeriod: Rule<Database> = {
  id: 'DB129',
  title: 'time for a clean stop is short',
  kind: 'Database',
  on: writes,
  needs: 'spec.podTemplate.terminationGracePeriodSeconds',
  why: 'A server that is killed in the middle of its shutdown recovers at the next start, and is down for that long.',
  remedy: 'Leave terminationGracePeriodSeconds out, or set 30 or more.',
  since: '0.1.0',
  severity: 'warn',
  check({ object }) {
    const seconds = object.spec.podTemplate?.terminationGracePeriodSeconds;
    if (seconds === undefined || seconds >= least) return [];
    return [
      warning(
        'spec.podTemplate.terminationGracePeriodSeconds',
        `${seconds} s may not be enough for a clean stop: a killed server recovers at its next start; use ${least} or more`,
      ),
    ];
  },
  accepted: [{ title: 'a minute', object: pod({ terminationGracePeriodSeconds: 60 }) }],
  refused: [{ title: 'five seconds', object: pod({ terminationGracePeriodSeconds: 5 }) }],
};
