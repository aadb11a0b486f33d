import type { Database } from '../../../api/types.generated.ts';
import { parseDuration } from '../../../values/duration.ts';
import { invalid } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { database, writes } from '../examples.ts';

const window = (fields: Readonly<Record<string, unknown>>): ReturnType<typeof database> =>
  database({ maintenanceWindow: { schedule: '0 3 * * SUN', duration: '2h', ...fields } });

const least = 15 * 60_000;
const most = 7 * 86_400_000;

export const windowDuration: Rule<Database> = {
  id: 'DB152',
  title: 'maintenance window is long enough',
  kind: 'Database',
  on: writes,
  needs: 'spec.maintenanceWindow.duration',
  why: 'A window must be longer than what is done in it: a restart with all its replicas takes minutes.',
  remedy: 'Write a duration from 15m to 7d, such as 2h.',
  since: '0.1.0',
  severity: 'deny',
  check({ object }) {
    const duration = object.spec.maintenanceWindow?.duration;
    const field = 'spec.maintenanceWindow.duration';
    if (duration === undefined) return [];
    const parsed = parseDuration(duration);
    if (!parsed.ok) return [invalid(field, duration, parsed.error)];
    return parsed.value >= least && parsed.value <= most
      ? []
      : [invalid(field, duration, 'must be between 15m and 7d, such as 2h')];
  },
  accepted: [{ title: 'two hours', object: window({ duration: '2h' }) }],
  refused: [
    { title: 'a minute', object: window({ duration: '1m' }) },
    { title: 'words', object: window({ duration: 'two hours' }) },
  ],
};
