import type { Database } from '../../../api/types.generated.ts';
import { warning } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { database, writes } from '../examples.ts';

export const notYet: Rule<Database> = {
  id: 'DB170',
  title: 'fields that this release does not act on',
  kind: 'Database',
  on: writes,
  why: 'They are checked and kept for the release that brings them; until then nothing happens, and somebody may rely on it.',
  remedy: 'Do not rely on them yet.',
  since: '0.1.0',
  severity: 'warn',
  check({ object: { spec } }) {
    const fields: readonly (readonly [field: string, given: boolean, what: string])[] = [
      [
        'spec.monitoring.alerting',
        spec.monitoring?.enabled === true && spec.monitoring.alerting === true,
        'no alert rules are made',
      ],
    ];
    return fields
      .filter(([, given]) => given)
      .map(([field, , what]) => warning(field, `is not acted on by this release: ${what} yet`));
  },
  accepted: [{ title: 'none of them', object: database() }],
  refused: [{ title: 'alerts', object: database({ monitoring: { enabled: true, alerting: true } }) }],
};
