/** The status of a DatabaseBackup: from its CronJob, its Jobs, and what their pods have said. */
import type { BackupResult } from '../api/backup-order.ts';
import { getCondition, timestamp } from '../api/conditions.ts';
import type { KubernetesObject } from '../api/object.ts';
import type { Database, DatabaseBackup, DatabaseBackupStatus } from '../api/types.generated.ts';
import { pruneName, scheduleName, verifyJobName, verifyName } from '../desired/database-backup.ts';
import { longestGapSeconds, parseCron } from '../values/cron.ts';
import { lastGood, lastVerdict, nextStart, stored as storedOf } from './backup.ts';
import { complaintOf, hasCondition, reasonOf, runsOf, type BackupRun } from './backup-runs.ts';
import { conditionsOf, type Verdict } from './conditions.ts';

/** Why nothing is done. */
export interface BackupProblem {
  readonly reason: string;
  readonly message: string;
  /** Field paths that recheck refuses. */
  readonly fields?: readonly string[];
}

export interface BackupStatusInput {
  readonly stored: DatabaseBackup;
  /** Undefined: it does not exist. */
  readonly database: Database | undefined;
  readonly children: readonly { readonly object: KubernetesObject }[];
  readonly jobs: readonly KubernetesObject[];
  readonly pods: readonly KubernetesObject[];
  readonly now: Date;
  readonly problem?: BackupProblem;
}

export interface BackupStanding {
  readonly status: DatabaseBackupStatus;
  /** Seconds after which the status says something else by itself. */
  readonly lookAgainSeconds?: number;
}

export function databaseBackupStanding(input: BackupStatusInput): BackupStanding {
  const { stored, now, problem } = input;
  const before = stored.status ?? {};
  const runs = runsOf(input.pods);
  const backups = runs.filter((run) => !isOther(stored, run.job));
  const proofs = runs.filter((run) => run.job?.startsWith(verifyName(stored)) === true);
  const facts = { ...lastFacts(input, lastGood(backups)), ...proofFacts(input, proofs) };
  const next = nextOf(input);
  const { phase, verdict } = problem === undefined ? standing(input, backups) : held(stored, problem);
  const { generation } = stored.metadata;
  const overdue = overdueAt(stored, facts);
  const verdicts = [verdict, validVerdict(problem?.fields), ...verifiedVerdict(input, { proofs, facts, overdue })];
  return {
    status: {
      phase,
      ...(problem === undefined && generation !== undefined
        ? { observedGeneration: generation }
        : before.observedGeneration !== undefined && { observedGeneration: before.observedGeneration }),
      ...facts,
      ...(next !== undefined && { nextBackup: next }),
      conditions: conditionsOf(verdicts, before.conditions, now, generation),
    },
    ...(overdue !== undefined &&
      overdue > now.getTime() && { lookAgainSeconds: Math.ceil((overdue - now.getTime()) / 1000) }),
  };
}

const isOther = (backup: DatabaseBackup, job = ''): boolean =>
  job.startsWith(verifyName(backup)) || job === pruneName(backup);

const cronJobOf = ({ stored, children }: BackupStatusInput): KubernetesObject | undefined =>
  children.find(({ object }) => object.kind === 'CronJob' && object.metadata.name === scheduleName(stored))?.object;

function nextOf(input: BackupStatusInput): string | undefined {
  const { spec } = input.stored;
  const stands = spec.suspend === true || input.database?.spec.hibernate === true || input.problem !== undefined;
  return spec.schedule === undefined || stands ? undefined : nextStart(cronJobOf(input), spec, input.now);
}

type Facts = Omit<DatabaseBackupStatus, 'phase' | 'conditions' | 'observedGeneration' | 'nextBackup'>;

const isOfThisPass: ReadonlySet<string> = new Set(['phase', 'conditions', 'observedGeneration', 'nextBackup']);

/** The last good backup; pods go after a while, what they said stays. */
function lastFacts({ stored, database }: BackupStatusInput, good: BackupResult | undefined): Facts {
  const before = stored.status ?? {};
  const known: Facts = Object.fromEntries(Object.entries(before).filter(([field]) => !isOfThisPass.has(field)));
  if (good === undefined || isOlder(good.endedAt, before.end)) return known;
  const { location, size } = storedOf(good);
  const { checksum, serverVersion } = good;
  const { engine } = database?.spec ?? {};
  return {
    ...known,
    start: seconds(good.startedAt),
    end: seconds(good.endedAt),
    ...(size !== undefined && { size }),
    ...(checksum !== undefined && { checksum }),
    ...(location !== undefined && { location }),
    ...(serverVersion !== undefined && { version: serverVersion }),
    ...(engine !== undefined && { engine }),
    encrypted: stored.spec.encryptionSecret !== undefined,
  };
}

const seconds = (time: string): string => timestamp(new Date(time));
const isOlder = (time: string, than: string | undefined): boolean =>
  Number.isNaN(Date.parse(time)) || (than !== undefined && Date.parse(time) < Date.parse(than));

const isFailed = (job: KubernetesObject | undefined): boolean => hasCondition(job, 'Failed');

/** What the last verification found; one that ended without a word counts as failed. */
function proofFacts({ stored, jobs, now }: BackupStatusInput, proofs: readonly BackupRun[]): Facts {
  const known = stored.status ?? {};
  const result = ended(proofs);
  if (result === undefined || isOlder(result.endedAt, known.lastVerified)) {
    const silent = jobs.find(
      (job) => isFailed(job) && job.metadata.name === verifyJobName(stored, known.location ?? ''),
    );
    if (silent === undefined || known.verifiedLocation === known.location || known.location === undefined) return {};
    return { lastVerified: timestamp(now), verifiedLocation: known.location };
  }
  return {
    lastVerified: seconds(result.endedAt),
    ...(result.location !== undefined && { verifiedLocation: result.location }),
    ...(result.ok && {
      provenAt: seconds(result.endedAt),
      ...(result.location !== undefined && { provenLocation: result.location }),
      ...(result.restoreSeconds !== undefined && { provenRestoreSeconds: Math.round(result.restoreSeconds) }),
    }),
  };
}

/** A try that is followed by another is no verdict yet. */
const ended = (proofs: readonly BackupRun[]): BackupResult | undefined => {
  const [newest] = proofs;
  return newest?.result ?? proofs.find(({ result, job }) => result !== undefined && job !== newest?.job)?.result;
};

interface Stand {
  readonly phase: NonNullable<DatabaseBackupStatus['phase']>;
  readonly verdict: Verdict;
}

const ready = (status: Verdict['status'], reason: string, message: string): Verdict => ({
  type: 'Ready',
  status,
  reason,
  message,
});

function held({ metadata, status }: DatabaseBackup, { reason, message }: BackupProblem): Stand {
  if (metadata.deletionTimestamp !== undefined) return { phase: 'Deleting', verdict: ready('False', reason, message) };
  if (status?.phase === 'Completed') return { phase: 'Completed', verdict: completed };
  return { phase: reason === 'Invalid' ? 'Failed' : 'Pending', verdict: ready('False', reason, message) };
}

const completed = ready('True', 'BackupCompleted', 'the backup is made');

function standing(input: BackupStatusInput, runs: readonly BackupRun[]): Stand {
  return input.stored.spec.schedule === undefined ? ofSingle(input, runs) : ofSchedule(input, runs);
}

function ofSchedule(input: BackupStatusInput, runs: readonly BackupRun[]): Stand {
  const { stored, database } = input;
  const runs_ = runs.some(({ result }) => result === undefined);
  const phase = runs_ ? 'Running' : 'Scheduled';
  if (stored.spec.suspend === true)
    return { phase, verdict: ready('False', 'Suspended', 'spec.suspend is true: no further backups are started') };
  if (database?.spec.hibernate === true)
    return { phase, verdict: ready('False', 'Hibernated', 'no backups are made while the database hibernates') };
  const cronJob = cronJobOf(input);
  if (cronJob === undefined)
    return { phase: 'Pending', verdict: ready('False', 'NotScheduled', 'the CronJob does not exist yet') };
  return { phase, verdict: { ...lastVerdict({ cronJob, runs }), type: 'Ready' } };
}

function ofSingle({ stored, jobs }: BackupStatusInput, runs: readonly BackupRun[]): Stand {
  const { phase, conditions } = stored.status ?? {};
  const before = getCondition(conditions, 'Ready');
  if (phase === 'Completed' || lastGood(runs) !== undefined) return { phase: 'Completed', verdict: completed };
  if (phase === 'Failed' && before !== undefined && before.reason !== 'Invalid')
    return { phase, verdict: ready('False', before.reason, before.message) };
  const job = jobs.find(({ metadata }) => metadata.name === scheduleName(stored));
  const last = runs.find(({ result }) => result !== undefined)?.result;
  if (isFailed(job)) {
    const said = last === undefined ? 'its pods said nothing; see kubectl describe job' : complaintOf(last);
    const reason = last === undefined ? 'BackupFailed' : reasonOf(last, 'BackupFailed');
    return { phase: 'Failed', verdict: ready('False', reason, `${said}. Make a new DatabaseBackup for another try`) };
  }
  if (job === undefined)
    return { phase: 'Pending', verdict: ready('False', 'DatabaseNotReady', 'it waits for the Database to be Ready') };
  const [newest] = runs;
  if (newest?.waits !== undefined)
    return { phase: 'Running', verdict: ready('False', 'BackupNotStarting', `${newest.waits} (pod ${newest.pod})`) };
  const retry = last === undefined ? '' : `; the last try: ${complaintOf(last)}`;
  return { phase: 'Running', verdict: ready('False', 'BackupRunning', `the backup is being made${retry}`) };
}

const validVerdict = (fields: readonly string[] = []): Verdict =>
  fields.length === 0
    ? { type: 'AdmissionValid', status: 'True', reason: 'Valid', message: 'the rules of admission hold' }
    : {
        type: 'AdmissionValid',
        status: 'False',
        reason: 'Invalid',
        message: `nothing is acted on until these fields are put right: ${fields.join(', ')}`,
      };

interface Proof {
  readonly proofs: readonly BackupRun[];
  readonly facts: Facts;
  /** Milliseconds since the epoch. */
  readonly overdue: number | undefined;
}

function verifiedVerdict({ stored, now }: BackupStatusInput, proof: Proof): readonly Verdict[] {
  if (stored.spec.verify?.enabled !== true) return [];
  const { facts, overdue } = proof;
  const result = ended(proof.proofs);
  const news = result !== undefined && !isOlder(result.endedAt, facts.lastVerified) ? result : undefined;
  if (news?.ok === false)
    return [verified('False', reasonOf(news, 'ProofFailed'), `${complaintOf(news)}${provenBefore(facts)}`)];
  if (overdue !== undefined && overdue <= now.getTime()) return [overdueVerdict(stored, facts)];
  if (news !== undefined) return [provenVerdict(news, facts)];
  return [remembered(stored, facts)];
}

const verified = (status: Verdict['status'], reason: string, message: string): Verdict => ({
  type: 'Verified',
  status,
  reason,
  message,
});

/** What may still be restored from. */
function provenBefore({ provenAt, provenLocation }: Facts): string {
  return provenAt === undefined || provenLocation === undefined
    ? '; nothing was proven before'
    : `; last proven: ${provenLocation} at ${provenAt}`;
}

const overdueVerdict = (backup: DatabaseBackup, { provenAt = 'the first backup' }: Facts): Verdict =>
  verified('False', 'Overdue', `no backup was proven since ${provenAt}: see the Jobs ${verifyName(backup)}…`);

function provenVerdict({ location = 'the backup', tables = 0, rows = 0 }: BackupResult, facts: Facts): Verdict {
  const took = `${facts.provenRestoreSeconds ?? 0} s`;
  return verified('True', 'Proven', `${location} was restored in ${took}; ${tables} tables and ${rows} rows compared`);
}

/** No pod has anything new to say. */
function remembered({ status }: DatabaseBackup, facts: Facts): Verdict {
  const before = getCondition(status?.conditions, 'Verified');
  if (facts.lastVerified !== status?.lastVerified && facts.verifiedLocation !== undefined)
    return verified('False', 'VerificationFailed', `the Job that verified ${facts.verifiedLocation} said nothing`);
  return before === undefined || before.reason === 'Overdue'
    ? verified('Unknown', 'NotVerifiedYet', 'no backup was restored into a throw-away server yet')
    : verified(before.status, before.reason, before.message);
}

/** Twice the longest time between two verifications without a proof: milliseconds since the epoch. */
function overdueAt({ metadata, spec }: DatabaseBackup, { provenAt, end }: Facts): number | undefined {
  const schedule = spec.verify?.schedule ?? spec.schedule;
  if (spec.verify?.enabled !== true || spec.suspend === true || schedule === undefined || end === undefined)
    return undefined;
  const parsed = parseCron(schedule);
  const gap = parsed.ok ? longestGapSeconds(parsed.schedule) : undefined;
  const since = Date.parse(provenAt ?? metadata.creationTimestamp ?? '');
  return gap === undefined || Number.isNaN(since) ? undefined : since + 2 * gap * 1000;
}

interface EventOfStatus {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly note: string;
}

const quiet = new Set(['BackupRunning', 'NotScheduled', 'DatabaseNotReady', 'Deleting', 'Suspended', 'Hibernated']);

/** Told once: when it changes. */
export function backupEvents(
  { status: before = {} }: DatabaseBackup,
  after: DatabaseBackupStatus,
): readonly EventOfStatus[] {
  const made: EventOfStatus[] =
    after.location !== undefined && after.location !== before.location
      ? [{ type: 'Normal', reason: 'BackupCompleted', note: `a backup was made: ${after.location}` }]
      : [];
  const proven: EventOfStatus[] =
    after.provenAt !== undefined && after.provenAt !== before.provenAt
      ? [
          {
            type: 'Normal',
            reason: 'BackupProven',
            note: `${after.verifiedLocation ?? 'a backup'} was restored and compared`,
          },
        ]
      : [];
  const bad = ['Ready', 'Verified'].flatMap((type): EventOfStatus[] => {
    const [old, now] = [getCondition(before.conditions, type), getCondition(after.conditions, type)];
    if (now?.status !== 'False' || quiet.has(now.reason)) return [];
    const isSame = old?.status === now.status && old.reason === now.reason && old.message === now.message;
    return isSame ? [] : [{ type: 'Warning', reason: now.reason, note: now.message }];
  });
  return [...made, ...proven, ...bad];
}
