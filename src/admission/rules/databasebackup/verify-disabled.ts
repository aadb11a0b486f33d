import type { DatabaseBackup } from '../../../api/types.generated.ts';
import { warning } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { databaseBackup, writes } from '../examples.ts';

export const scheduledBackupVerifyDisabled: Rule<DatabaseBackup> = {
  id: 'BK032',
  title: 'assertions without verification',
  kind: 'DatabaseBackup',
  on: writes,
  needs: 'spec.verify',
  why: 'Somebody who writes assertions expects them to be checked.',
  remedy: 'Set verify.enabled to true.',
  since: '0.1.0',
  severity: 'warn',
  check({ object }) {
    const { enabled, assertions = [] } = object.spec.verify ?? {};
    if (enabled === true || assertions.length === 0) return [];
    return [warning('spec.verify.enabled', 'is false, so the assertions are never checked; set it to true')];
  },
  accepted: [
    {
      title: 'enabled',
      object: databaseBackup({
        verify: { enabled: true, assertions: [{ name: 'orders', query: 'select count(*) from orders' }] },
      }),
    },
  ],
  refused: [
    {
      title: 'disabled',
      object: databaseBackup({ verify: { enabled: false, assertions: [{ name: 'orders', query: 'select 1' }] } }),
    },
  ],
};
