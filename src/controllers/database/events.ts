/** Events of one pass, with stable reasons. What is told by a condition is told as an Event once: when it changes. */
import { getCondition } from '../../api/conditions.ts';
import type { Database, DatabaseStatus } from '../../api/types.generated.ts';
import type { Step } from '../../planning/step.ts';
import type { CredentialsState } from './credentials.ts';
import type { EventIntent, Observation } from './observation.ts';

export interface Occasion {
  readonly credentials: CredentialsState['kind'];
  readonly observation: Observation;
}

const normal = (reason: string, note: string): EventIntent => ({ type: 'Normal', reason, note });
const warning = (reason: string, note: string): EventIntent => ({ type: 'Warning', reason, note });

export function eventsOf(
  database: Database,
  status: DatabaseStatus,
  steps: readonly Step[],
  occasion?: Occasion,
): readonly EventIntent[] {
  return [
    ...(occasion === undefined ? [] : beginnings(database, occasion)),
    ...steps.flatMap((step) => ofStep(step, database)),
    ...transitions(database.status, status),
  ];
}

function beginnings(database: Database, { credentials, observation }: Occasion): readonly EventIntent[] {
  const isFirst = database.status?.currentPrimary === undefined;
  const kept = observation.claims.map(({ metadata }) => metadata.name).sort();
  return [
    ...(credentials === 'new' ? [normal('CredentialsMade', 'credentials were made')] : []),
    ...(credentials === 'restored'
      ? [
          normal(
            'CredentialsRestored',
            'the Secret for applications was missing and is restored with the same password',
          ),
        ]
      : []),
    ...(isFirst && kept.length > 0
      ? [normal('VolumesFound', `found volumes that an earlier Database of this name left: ${kept.join(', ')}`)]
      : []),
  ];
}

function ofStep(step: Step, database: Database): readonly EventIntent[] {
  const isSettled =
    database.status?.observedGeneration === database.metadata.generation && database.status?.phase === 'Running';
  if (step.action === 'restartPod') return [normal('RestartingServer', step.why)];
  if (step.action === 'patch' && step.why.startsWith('volume ')) return [normal('GrowingVolume', step.why)];
  if (step.action === 'delete') return [normal('Removing', step.why)];
  if (isSettled && (step.action === 'apply' || step.action === 'create')) return [normal('Repairing', step.why)];
  return [];
}

/** Conditions whose change is worth an Event, and the status that is the bad one. */
const watched = [
  ['Ready', 'False'],
  ['AdmissionValid', 'False'],
  ['Recovered', 'False'],
  ['BackupReady', 'False'],
  ['Degraded', 'True'],
] as const;
/** Reasons that belong to an ordinary life. */
const quiet = new Set([
  'Creating',
  'Deleting',
  'Hibernated',
  'Inspecting',
  'NotScheduled',
  'Recovering',
  'Restoring',
  'WaitingForDeletion',
]);

function transitions(before: DatabaseStatus | undefined, after: DatabaseStatus): readonly EventIntent[] {
  return watched.flatMap(([type, bad]) => {
    const [old, now] = [getCondition(before?.conditions, type), getCondition(after.conditions, type)];
    if (now === undefined || (old?.status === now.status && old.reason === now.reason)) return [];
    if (now.status === bad)
      return quiet.has(now.reason) || isTwice(type, now.reason, after) ? [] : [warning(now.reason, now.message)];
    return old?.status === bad || type === 'Ready' ? recovered(type, now) : [];
  });
}

/** The same reason under Ready and Degraded is one Event. */
const isTwice = (type: string, reason: string, { conditions }: DatabaseStatus): boolean =>
  type === 'Degraded' && getCondition(conditions, 'Ready')?.reason === reason;

const recovered = (type: string, { reason, message }: { reason: string; message: string }): readonly EventIntent[] =>
  type === 'Ready' || type === 'BackupReady' || type === 'Recovered'
    ? [normal(type === 'Ready' ? 'Ready' : reason, message)]
    : [];
