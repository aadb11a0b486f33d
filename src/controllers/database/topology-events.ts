/** What people are told about who is primary. */
import type { TopologyDecision } from '../../planning/topology-types.ts';
import type { Step } from '../../planning/step.ts';
import type { Decision, EventIntent } from './observation.ts';
import type { Topology } from './topology.ts';

export const recordedEvent = ({ primary, why }: NonNullable<TopologyDecision['record']>): EventIntent => ({
  type: 'Warning',
  reason: 'FailoverStarted',
  note: `${why}: ${primary} becomes the primary`,
});

/** What becomes of the annotation that asks for a switchover. */
export function answerOf({ decision }: Topology, value: string | undefined): Decision['answered'] {
  if (value === undefined || decision.request === undefined) return undefined;
  return decision.request.kind === 'done' ? { value } : { value, refused: decision.request.why };
}

/** Told once the step has been taken. */
export function memberEvents(step: Step): readonly EventIntent[] {
  if (step.action === 'fence') return [{ type: 'Warning', reason: 'MemberFenced', note: step.why }];
  if (step.action === 'follow') return [{ type: 'Normal', reason: 'MemberFollows', note: step.why }];
  return [];
}
