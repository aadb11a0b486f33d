/** The status of a DatabaseUser: where it stands, in conditions. Pure. */
import { timestamp } from '../api/conditions.ts';
import type { DatabaseUser, DatabaseUserStatus } from '../api/types.generated.ts';
import { conditionsOf, type Verdict } from './conditions.ts';

export interface UserStanding {
  readonly phase: NonNullable<DatabaseUserStatus['phase']>;
  readonly ready: Omit<Verdict, 'type'>;
  readonly invalidFields: readonly string[];
  /** Name in the server, once it is this object's. */
  readonly username?: string;
  readonly secretName?: string;
  /** Milliseconds since the epoch. */
  readonly changedAt?: number;
  readonly nextRotation?: number;
  readonly expiresAt?: number;
  /** Absent: no copies are asked for. */
  readonly copies?: {
    readonly present: readonly string[];
    readonly refused: readonly string[];
    readonly taken: readonly string[];
  };
}

/** Of any kind whose rules are checked again before it is acted on. */
export const validVerdict = (fields: readonly string[]): Verdict =>
  fields.length === 0
    ? { type: 'AdmissionValid', status: 'True', reason: 'Valid', message: 'the rules of admission hold' }
    : {
        type: 'AdmissionValid',
        status: 'False',
        reason: 'Invalid',
        message: `these fields are to be put right: ${fields.join(', ')}`,
      };

function copiesVerdict({ copies }: UserStanding): readonly Verdict[] {
  if (copies === undefined) return [];
  const { present, refused, taken } = copies;
  const no = (reason: string, message: string): readonly Verdict[] => [
    { type: 'CopiesReady', status: 'False', reason, message },
  ];
  if (taken.length > 0) return no('CopyNameTaken', `a Secret of that name is somebody else's in: ${taken.join(', ')}`);
  if (refused.length > 0)
    return no(
      'NoConsent',
      `no copy without the label database.example.com/allow-references=true on namespace: ${refused.join(', ')}`,
    );
  return [{ type: 'CopiesReady', status: 'True', reason: 'CopiesWritten', message: `in: ${present.join(', ')}` }];
}

const when = (time: number | undefined): string | undefined =>
  time === undefined ? undefined : timestamp(new Date(time));

export function userStatus(user: DatabaseUser, standing: UserStanding, now: Date): DatabaseUserStatus {
  const { generation } = user.metadata;
  const verdicts: readonly Verdict[] = [
    { type: 'Ready', ...standing.ready },
    validVerdict(standing.invalidFields),
    ...copiesVerdict(standing),
  ];
  const times = {
    lastRotation: when(standing.changedAt),
    nextRotation: when(standing.nextRotation),
    expiresAt: when(standing.expiresAt),
  };
  const present = Object.fromEntries(Object.entries(times).filter(([, value]) => value !== undefined));
  return {
    phase: standing.phase,
    ...(generation !== undefined && { observedGeneration: generation }),
    ...(standing.username !== undefined && { username: standing.username }),
    ...(standing.secretName !== undefined && {
      secretName: standing.secretName,
      binding: { name: standing.secretName },
    }),
    ...present,
    conditions: conditionsOf(verdicts, user.status?.conditions, now, generation),
  };
}
