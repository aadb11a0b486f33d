/** Conditions of the kinds, in the order in which `kubectl describe` shows them. */
import { getCondition, timestamp } from '../api/conditions.ts';
import type { Condition } from '../api/object.ts';

export type ConditionType =
  | 'Ready'
  | 'Progressing'
  | 'Degraded'
  | 'AdmissionValid'
  | 'Recovered'
  | 'Initialized'
  | 'BackupReady'
  | 'PointInTimeReady'
  | 'Verified'
  | 'MonitorReady'
  | 'CopiesReady'
  | 'Paused';

export interface Verdict {
  readonly type: ConditionType;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  /** For people; no times, no random names: a message that changes by itself would be written for ever. */
  readonly message: string;
}

const longestMessage = 2048;

/** `lastTransitionTime` moves only when `status` does. Conditions that have no verdict any more are dropped. */
export const conditionsOf = (
  verdicts: readonly Verdict[],
  previous: readonly Condition[] | undefined,
  now: Date,
  generation: number | undefined,
): readonly Condition[] =>
  verdicts.map(({ type, status, reason, message }) => {
    const before = getCondition(previous, type);
    return {
      type,
      status,
      reason,
      message: message.slice(0, longestMessage),
      lastTransitionTime: before?.status === status ? before.lastTransitionTime : timestamp(now),
      ...(generation !== undefined && { observedGeneration: generation }),
    };
  });
