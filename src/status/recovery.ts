/** How the restore that spec.bootstrap asks for stands. */
import { getCondition } from '../api/conditions.ts';
import type { Database, RecoveryStatus } from '../api/types.generated.ts';
import type { Verdict } from './conditions.ts';

export interface RecoveryView {
  /** The data is there and was compared with the backup's fingerprint. */
  readonly done: boolean;
  readonly verdict: Verdict;
  /** Undefined: as it was. */
  readonly status?: RecoveryStatus;
}

/** What was known before a pass that does not look at it. */
export function rememberedRecovery({ spec, status }: Database): RecoveryView | undefined {
  const before = getCondition(status?.conditions, 'Recovered');
  if (before === undefined || spec.bootstrap?.recovery === undefined) return undefined;
  const { status: holds, reason, message } = before;
  return { done: holds === 'True', verdict: { type: 'Recovered', status: holds, reason, message } };
}
