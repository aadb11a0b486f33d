/** What is wrong with a Database and what belongs to it, from what their statuses say of themselves. */
import { getCondition } from '../../api/conditions.ts';
import type { Condition } from '../../api/object.ts';
import type { Database, DatabaseBackup, DatabaseUser, Diagnosis } from '../../api/types.generated.ts';
import { duration } from '../style.ts';
import type { StatusState } from './state.ts';

export interface Trouble {
  readonly what: string;
  readonly seen?: string;
  readonly remedy?: string;
}

/** Longer than the operator needs to look at a new object. */
const patienceMs = 15_000;

/** Reasons that belong to an ordinary life, or that are told by `status.diagnosis`. */
const quiet = new Set(['Creating', 'Deleting', 'Hibernated', 'NotScheduled', 'Diagnosed']);
const watched = [
  ['AdmissionValid', 'False'],
  ['Ready', 'False'],
  ['Recovered', 'False'],
  ['Degraded', 'True'],
  ['BackupReady', 'False'],
  ['PointInTimeReady', 'False'],
  ['MonitorReady', 'False'],
] as const;

export function troubles({ database, users, backups }: StatusState, now: Date): readonly Trouble[] {
  const found = [
    ...unseen(database, now),
    ...(database.status?.diagnosis ?? []).map(ofDiagnosis),
    ...ofConditions(database),
    ...users.flatMap(ofChild),
    ...backups.flatMap(ofChild),
  ];
  return found.filter(({ what }, index) => found.findIndex((other) => other.what === what) === index);
}

function unseen({ metadata, status }: Database, now: Date): readonly Trouble[] {
  const age = now.getTime() - Date.parse(metadata.creationTimestamp ?? '');
  if (status?.phase !== undefined || !(age > patienceMs)) return [];
  return [
    {
      what: 'no operator has looked at this Database',
      seen: `it is ${duration(age)} old and has no status`,
      remedy: `see whether the operator runs and watches namespace ${metadata.namespace ?? 'default'}: kubectl get pods -A -l app.kubernetes.io/name=database-operator`,
    },
  ];
}

const ofDiagnosis = ({ cause, evidence, action }: Diagnosis): Trouble => ({
  what: cause,
  seen: evidence,
  remedy: action,
});

/** Messages of these do not say what they are about. */
const about: Readonly<Record<string, string>> = { BackupReady: 'backups: ', MonitorReady: 'monitoring: ' };

function ofConditions({ status }: Database): readonly Trouble[] {
  const isDiagnosed = (status?.diagnosis ?? []).length > 0;
  const told = new Set<string>();
  return watched.flatMap(([type, wrong]) => {
    const condition = getCondition(status?.conditions, type);
    if (condition?.status !== wrong || quiet.has(condition.reason) || told.has(condition.message)) return [];
    // A diagnosis says more than that something does not answer, and of Ready and Degraded one is enough.
    if (isDiagnosed && type === 'Ready') return [];
    if (condition.reason === 'MembersNotReady' && (isDiagnosed || told.size > 0)) return [];
    told.add(condition.message);
    return [{ what: `${about[type] ?? ''}${condition.message}`, seen: `condition ${type}: ${condition.reason}` }];
  });
}

function ofChild({ kind, metadata, status }: DatabaseUser | DatabaseBackup): readonly Trouble[] {
  if (status?.phase === undefined) return [];
  const bad = (status.conditions ?? []).find(isBad);
  if (status.phase !== 'Failed' && bad?.reason !== 'KindNotSupported') return [];
  const why = bad?.message ?? 'its conditions do not say why';
  return [
    { what: `${kind} ${metadata.name}: ${why}`, seen: bad === undefined ? '' : `condition ${bad.type}: ${bad.reason}` },
  ];
}

const isBad = ({ type, status }: Condition): boolean =>
  status === (type === 'Degraded' ? 'True' : 'False') && type !== 'Progressing';

/** What goes on, in words; undefined: nothing does. */
export function underWay({ metadata, status }: Database): string | undefined {
  const progressing = getCondition(status?.conditions, 'Progressing');
  if (status?.observedGeneration !== undefined && status.observedGeneration < (metadata.generation ?? 0)) {
    const why = progressing?.status === 'True' ? `: ${progressing.message}` : '';
    return `a change waits (generation ${metadata.generation ?? 0}, acted on ${status.observedGeneration})${why}`;
  }
  return progressing?.status === 'True' ? progressing.message : undefined;
}
