/**
 * The price of a change is that of its plan, so this rule refuses exactly what would be done. It is the policy of the new
 * object that counts: who writes `Any` in the same update has agreed.
 */
import type { Database } from '../../../api/types.generated.ts';
import { summaryOf } from '../../../planning/announce.ts';
import { causesOf, exceeds, planChange, worstOf } from '../../../planning/change.ts';
import type { Impact } from '../../../planning/step.ts';
import { forbidden } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { database } from '../examples.ts';
import { engineOf } from '../read.ts';
import { isSound } from '../../sound.ts';

/** The most that a change may cost. */
const limits: Readonly<Record<string, Impact>> = { NoDowntime: 'switchover', NoRestart: 'reload' };

const mostFields = 6;

export const changePolicy: Rule<Database> = {
  id: 'DB035',
  title: 'a change costs no more than spec.changePolicy allows',
  kind: 'Database',
  on: ['UPDATE'],
  why: 'The policy is a promise to the clients; the plan of this change breaks it. With replicas the restart of a primary is a switchover, alone it is a downtime.',
  remedy: 'Leave the field as it is, or set spec.changePolicy to Any in the same update.',
  since: '0.1.0',
  severity: 'deny',
  check({ object, oldObject }) {
    const policy = object.spec.changePolicy ?? 'Any';
    const limit = limits[policy];
    const engine = engineOf(object);
    if (limit === undefined || oldObject === undefined || engine?.runtime === undefined) return [];
    if (![object, oldObject].every((each) => isSound('Database', each))) return [];
    const change = { before: oldObject, after: object, engine };
    const steps = planChange(change);
    if (!exceeds(worstOf(steps), limit)) return [];
    const fields = causesOf(change, limit).map(({ name }) => name);
    return (fields.length === 0 ? ['spec.changePolicy'] : fields.slice(0, mostFields)).map((field) =>
      forbidden(
        field,
        `this change ${summaryOf(change, steps)}; spec.changePolicy is ${policy}: leave the field as it is, or set spec.changePolicy to Any in the same update`,
      ),
    );
  },
  accepted: [
    {
      title: 'a setting that is reloaded',
      object: database({ changePolicy: 'NoRestart', config: { parameters: { work_mem: '8MB' } } }),
      oldObject: database({ changePolicy: 'NoRestart' }),
    },
    {
      title: 'a larger volume',
      object: database({ changePolicy: 'NoDowntime', replicas: 2, storage: { size: '20Gi' } }),
      oldObject: database({ changePolicy: 'NoDowntime', replicas: 2 }),
    },
    {
      title: 'a restart of a primary with a replica',
      object: database({ changePolicy: 'NoDowntime', replicas: 2, version: '17.2' }),
      oldObject: database({ changePolicy: 'NoDowntime', replicas: 2, version: '17.0' }),
    },
    {
      title: 'the restart is agreed to',
      object: database({ changePolicy: 'Any', config: { maxConnections: 200 } }),
      oldObject: database({ changePolicy: 'NoRestart' }),
    },
  ],
  refused: [
    {
      title: 'a setting that needs a restart',
      object: database({ changePolicy: 'NoRestart', replicas: 2, config: { maxConnections: 200 } }),
      oldObject: database({ changePolicy: 'NoRestart', replicas: 2 }),
    },
    {
      title: 'a restart of the only server',
      object: database({ changePolicy: 'NoDowntime', replicas: 1, version: '17.2' }),
      oldObject: database({ changePolicy: 'NoDowntime', replicas: 1, version: '17.0' }),
    },
    {
      title: 'all servers stop',
      object: database({ changePolicy: 'NoDowntime', replicas: 2, hibernate: true }),
      oldObject: database({ changePolicy: 'NoDowntime', replicas: 2 }),
    },
  ],
};
