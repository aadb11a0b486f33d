/**
 * spec.bootstrap.recovery: first a look at what the backup says of itself, before anything is made (it may be of another
 * engine, and an encrypted one holds the password that the new Secret must have); then one server without any Service that
 * leads to it; then the restore into it. Everything may be begun anew at any point until the condition Recovered is True.
 */
import type { BackupResult, ManifestSummary } from '../../api/backup-order.ts';
import { getCondition, isTrue } from '../../api/conditions.ts';
import type { KubernetesObject } from '../../api/object.ts';
import { Job, PersistentVolumeClaim, refOf, ServiceAccount } from '../../api/resources.ts';
import type { Database } from '../../api/types.generated.ts';
import type { Subject } from '../../desired/context.ts';
import { namespaceOf, placeOf } from '../../desired/database-backup.ts';
import { recoveryInspectName, recoveryName } from '../../desired/names.ts';
import { inspectJob, recoverJob, restoreJob, type RecoverySource } from '../../desired/recovery.ts';
import { serviceAccount } from '../../desired/serviceaccount.ts';
import { firstClaim } from '../../desired/statefulset.ts';
import { isDowngrade, isMajorChange } from '../../engines/catalogue.ts';
import type { Engine } from '../../engines/engine.ts';
import { isReady } from '../../planning/observed.ts';
import { stamp } from '../../planning/drift.ts';
import type { Step } from '../../planning/step.ts';
import { agentMissing } from '../../status/backup.ts';
import { complaintOf, hasCondition, reasonOf, runsOf } from '../../status/backup-runs.ts';
import type { RecoveryView } from '../../status/recovery.ts';
import { topologyData } from './alone.ts';
import type { Observation, Unusable } from './observation.ts';

export interface RecoveryFrame {
  readonly database: Database;
  readonly engine: Engine;
  readonly observation: Observation;
}

export type Recovery =
  | { readonly kind: 'none' }
  | { readonly kind: 'done'; readonly view: RecoveryView }
  /** No server may be there yet. */
  | { readonly kind: 'waits'; readonly view: RecoveryView; readonly steps: readonly Step[]; readonly pauses: boolean }
  /**
   * One server that nothing leads to, or none at all while the data is put on its volume; `password` is the application's, when
   * the backup or the user gave it.
   */
  | {
      readonly kind: 'restores';
      readonly noServers: boolean;
      readonly view: RecoveryView;
      readonly steps: readonly Step[];
      readonly password?: string;
    };

export function recoveryOf(frame: RecoveryFrame, input: Subject): Recovery {
  const { database, observation } = frame;
  if (database.spec.bootstrap?.recovery === undefined) return { kind: 'none' };
  if (isTrue(database.status?.conditions, 'Recovered') || topologyData(observation)?.initialized === 'true') {
    return { kind: 'done', view: doneView(database) };
  }
  const { agentImage } = input.context;
  if (agentImage === undefined) return waits('AgentImageUnknown', agentMissing);
  const from = sourceOf(frame);
  if ('why' in from) return waits(from.reason, from.why);
  return database.status?.recovery?.location === undefined
    ? look(frame, input, from, agentImage)
    : load(frame, input, from, agentImage, {});
}

const doneView = ({ status }: Database): RecoveryView => {
  const before = getCondition(status?.conditions, 'Recovered');
  const message = before?.status === 'True' ? before.message : 'the data of the backup is there';
  return { done: true, verdict: { type: 'Recovered', status: 'True', reason: 'Restored', message } };
};

const undone = (reason: string, message: string): RecoveryView => ({
  done: false,
  verdict: { type: 'Recovered', status: 'False', reason, message },
});

const waits = (reason: string, message: string, steps: readonly Step[] = [], pauses = true): Recovery => ({
  kind: 'waits',
  view: undone(reason, message),
  steps,
  pauses,
});

/** Where the backup lies; once it was looked at, exactly that one. */
function sourceOf(frame: RecoveryFrame): RecoverySource | Unusable {
  const { database } = frame;
  const { namespace = 'default', name } = database.metadata;
  const { s3: bucket, encryptionSecret } = database.spec.bootstrap?.recovery ?? {};
  const pinned = database.status?.recovery?.location;
  const encrypted = encryptionSecret === undefined ? {} : { encryptionSecret };
  if (bucket === undefined) return ofBackup(frame, pinned, encrypted);
  const { path, ...s3 } = bucket;
  return { place: { s3, ...encrypted }, source: pathOf(pinned ?? path) ?? { namespace, name, backup: 'latest' } };
}

function ofBackup(
  { database, observation }: RecoveryFrame,
  pinned: string | undefined,
  encrypted: Pick<RecoverySource['place'], 'encryptionSecret'>,
): RecoverySource | Unusable {
  const own = database.metadata.namespace;
  const { namespace = own, name = '' } = database.spec.bootstrap?.recovery.backupRef ?? {};
  const called = `DatabaseBackup ${namespace ?? ''}/${name}`;
  const backup = observation.recovery?.backup;
  if (backup === undefined) return { reason: 'BackupNotFound', why: `${called} does not exist` };
  const source = pathOf(pinned ?? backup.status?.location);
  if (source === undefined) return { reason: 'BackupNotComplete', why: `${called} has no good backup yet` };
  const place = { ...placeOf(backup), ...encrypted };
  if (place.s3 !== undefined || namespaceOf(backup) === own) return { place, source };
  const why = `${called} lies on a volume of another namespace, which no pod here can mount: use a bucket`;
  return { reason: 'BackupNotReachable', why };
}

/** The end of a location or a path: `…/namespace/name/backup`, or `namespace/name` for the newest. */
function pathOf(path: string | undefined): RecoverySource['source'] | undefined {
  const parts = (path ?? '').split('/').filter((part) => part !== '');
  const isBackup = /^\d{8}T\d{6}Z/.test(parts.at(-1) ?? '');
  const [namespace, name, backup = 'latest'] = isBackup ? parts.slice(-3) : parts.slice(-2);
  return namespace === undefined || name === undefined ? undefined : { namespace, name, backup };
}

const isFailed = (job: KubernetesObject): boolean => hasCondition(job, 'Failed');

const jobNamed = ({ jobs }: Observation, name: string): KubernetesObject | undefined =>
  jobs.find(({ metadata }) => metadata.name === name);

const endedOf = ({ backupPods }: Observation, job: string): BackupResult | undefined =>
  runsOf(backupPods).find((run) => run.job === job && run.result !== undefined)?.result;

const stuckOf = ({ backupPods }: Observation, job: string): string | undefined =>
  runsOf(backupPods).find((run) => run.job === job && run.result === undefined)?.waits;

const make = (object: KubernetesObject, why: string): Step => ({
  action: 'create',
  ref: refOf(Job, object),
  object,
  impact: 'none',
  why,
});

/** What the backup says of itself. */
function look(frame: RecoveryFrame, input: Subject, from: RecoverySource, agentImage: string): Recovery {
  const { database, observation } = frame;
  const name = recoveryInspectName(database.metadata.name);
  const job = jobNamed(observation, name);
  const result = job && endedOf(observation, name);
  if (job === undefined) {
    const account = serviceAccount(input);
    const steps: Step[] = [
      {
        action: 'apply',
        ref: refOf(ServiceAccount, account),
        object: stamp(account),
        impact: 'none',
        why: 'of its pods',
      },
      make(inspectJob(input, from, agentImage), 'the backup is looked at'),
    ];
    return waits('Inspecting', retrying(database, 'the backup is looked at'), steps, false);
  }
  if (result?.ok === true && result.manifest !== undefined) {
    const fault = mismatch(frame, result.manifest);
    if (fault !== undefined) return waits(fault.reason, fault.why);
    const { password } = observation.recovery ?? {};
    if (typeof password === 'object') return waits(password.reason, password.why);
    return load(frame, input, pinnedTo(from, result), agentImage, { result, password });
  }
  const stuck = stuckOf(observation, name);
  if (isFailed(job)) return waits(...failure(result, 'InspectionFailed', job));
  if (stuck !== undefined) return waits('BackupNotStarting', stuck);
  return waits('Inspecting', retrying(database, 'the backup is looked at'), [], false);
}

const pinnedTo = (from: RecoverySource, { location }: BackupResult): RecoverySource => ({
  ...from,
  source: pathOf(location) ?? from.source,
});

/** Reason and message of a Job that is given up. */
function failure(result: BackupResult | undefined, otherwise: string, job: KubernetesObject): [string, string] {
  const said = result?.ok === false ? complaintOf(result) : 'its pods said nothing; see kubectl describe job';
  const again = `tried again ten minutes after that, or at once after kubectl delete job ${job.metadata.name}`;
  const reason = result?.ok === false ? reasonOf(result, otherwise) : otherwise;
  return [reason, `${said} (${again})`];
}

/** What went wrong before stays in sight while it is tried again. */
function retrying(database: Database, message: string): string {
  const before = getCondition(database.status?.conditions, 'Recovered');
  if (before === undefined || before.status === 'True') return message;
  if (['Inspecting', 'Restoring'].includes(before.reason))
    return before.message.startsWith(message) ? before.message : message;
  return `${message} again; before: ${before.reason}: ${before.message}`;
}

function mismatch({ database, engine }: RecoveryFrame, manifest: ManifestSummary): Unusable | undefined {
  if (manifest.engine !== engine.name) {
    return {
      reason: 'WrongEngine',
      why: `the backup is one of ${manifest.engine}, spec.engine is ${engine.name}: make a Database of that engine`,
    };
  }
  const [from = ''] = /^\d+(\.\d+){0,2}/.exec(manifest.serverVersion) ?? [];
  const wanted = database.spec.version ?? '';
  if (from !== '' && database.spec.bootstrap?.recovery.targetTime !== undefined) {
    if (!isMajorChange(engine.catalogue, from, wanted)) return undefined;
    const why = `the log is one of ${engine.title} ${manifest.serverVersion}, which only a server of that major version can replay: set spec.version to ${from}, and upgrade afterwards`;
    return { reason: 'WrongVersion', why };
  }
  if (from === '' || !isDowngrade(from, wanted) || !isMajorChange(engine.catalogue, from, wanted)) return undefined;
  return {
    reason: 'WrongVersion',
    why: `the backup is of ${engine.title} ${manifest.serverVersion}, which ${wanted} can't read: set spec.version to ${from} or newer`,
  };
}

interface Looked {
  readonly result?: BackupResult;
  readonly password?: string | undefined;
}

/** The restore, once the server takes connections. */
function load(
  frame: RecoveryFrame,
  input: Subject,
  from: RecoverySource,
  agentImage: string,
  looked: Looked,
): Recovery {
  const { database, observation } = frame;
  const name = recoveryName(database.metadata.name);
  const job = jobNamed(observation, name);
  const result = job && endedOf(observation, name);
  const known = recorded(database, looked);
  const noServers = database.spec.bootstrap?.recovery.targetTime !== undefined;
  const going = (reason: string, message: string, steps: readonly Step[] = []): Recovery => ({
    ...{ kind: 'restores', noServers },
    view: { ...undone(reason, message), status: known },
    steps,
    ...(looked.password !== undefined && { password: looked.password }),
  });
  if (job === undefined && noServers) {
    const steps = [...claimStep(frame, input), make(recoverJob(input, from, agentImage), 'the data is restored')];
    return going('Restoring', retrying(database, 'the files are restored and the log replayed'), steps);
  }
  if (job === undefined) {
    const isUp = observation.pods.some(isReady);
    return isUp
      ? going('Restoring', retrying(database, 'the data is being restored'), [
          make(restoreJob(input, from, agentImage), 'the data is restored'),
        ])
      : going('Restoring', retrying(database, 'the server is being started'));
  }
  if (result?.ok === true) return { kind: 'done', view: restored(known, result) };
  const stuck = stuckOf(observation, name);
  if (isFailed(job)) return going(...failure(result, 'RestoreFailed', job));
  if (stuck !== undefined) return going('BackupNotStarting', stuck);
  const before = result === undefined ? '' : `; before: ${complaintOf(result)}`;
  return going('Restoring', retrying(database, `the data is being restored${before}`));
}

/** The StatefulSet takes it over when its first pod comes. */
function claimStep({ observation }: RecoveryFrame, input: Subject): readonly Step[] {
  const object = firstClaim(input);
  if (observation.claims.some(({ metadata }) => metadata.name === object.metadata.name)) return [];
  const why = 'the volume that the data is restored to';
  return [{ action: 'create', ref: refOf(PersistentVolumeClaim, object), object, impact: 'none', why }];
}

type Recorded = NonNullable<RecoveryView['status']>;

function recorded({ status }: Database, { result }: Looked): Recorded {
  if (result?.location === undefined) return status?.recovery ?? {};
  return { location: result.location, encrypted: result.manifest?.encrypted === true };
}

function restored(known: Recorded, { restoreSeconds, warnings = [] }: BackupResult): RecoveryView {
  const seconds = restoreSeconds === undefined ? undefined : Math.round(restoreSeconds);
  const time = seconds === undefined ? '' : ` in ${seconds} s`;
  const password =
    known.encrypted === true ? '' : '; the backup is not encrypted and holds no password: that of the Secret counts';
  const message = `${known.location ?? 'the backup'} was restored${time} and compared with its fingerprint${password}${warnings.map((text) => `; ${text}`).join('')}`;
  return {
    done: true,
    verdict: { type: 'Recovered', status: 'True', reason: 'Restored', message },
    status: { ...known, ...(seconds !== undefined && { seconds }) },
  };
}
