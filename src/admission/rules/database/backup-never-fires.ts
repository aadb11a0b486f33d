import type { Database } from '../../../api/types.generated.ts';
import type { Rule } from '../../rule.ts';
import { neverFires } from '../checks/schedule.ts';
import { database, writes } from '../examples.ts';

export const backupNeverFires: Rule<Database> = {
  id: 'DB061',
  title: 'backup schedule never fires',
  kind: 'Database',
  on: writes,
  needs: 'spec.backup.schedule',
  why: 'Kubernetes takes a schedule for the 31st of February and waits for ever: there would be no backup at all.',
  remedy: 'Choose a day that exists.',
  since: '0.1.0',
  severity: 'warn',
  check: ({ object }) => neverFires('spec.backup.schedule', object.spec.backup?.schedule),
  accepted: [{ title: 'a leap day', object: database({ backup: { enabled: true, schedule: '0 2 29 2 *' } }) }],
  refused: [{ title: 'the 31st of February', object: database({ backup: { enabled: true, schedule: '0 2 31 2 *' } }) }],
};
