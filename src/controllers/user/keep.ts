/** A user that is to be there: its credential, its rights in the server, its Secret and the copies. */
import type { KubernetesObject } from '../../api/object.ts';
import { DatabaseUser as DatabaseUserResource, refOf, Secret } from '../../api/resources.ts';
import type { DatabaseUser } from '../../api/types.generated.ts';
import { makePassword } from '../../desired/secret.ts';
import { credentialsName, readUserSecret, userSecret, type SecretOwner } from '../../desired/user-secret.ts';
import type { UserReport, WantedUser } from '../../engines/users.ts';
import { planCopies, planCredential, type CredentialInput, type CredentialPlan } from '../../planning/users.ts';
import { sha256 } from '../../engines/hashes.ts';
import type { UserStanding } from '../../status/user.ts';
import { parseDuration } from '../../values/duration.ts';
import { lookAgainMs } from './looks.ts';
import { namesOf } from './names.ts';
import { WAIT_MS, type Result, type UserDeps } from './deps.ts';
import { consentIn, findSecret, isOf, keepCopies, writeSecret } from './secrets.ts';
import type { Target } from './target.ts';

/** On a DatabaseUser: the password is changed now; taken off when it is done. */
export const rotateAnnotation = 'database.example.com/rotate';

export interface UserFrame {
  readonly user: DatabaseUser;
  readonly key: string;
  readonly target: Extract<Target, { kind: 'ready' }>;
  readonly base: Omit<UserStanding, 'ready'>;
  /** Milliseconds since the epoch, like `now`. */
  readonly expiresAt: number | undefined;
  readonly now: number;
}

export const ownerOfSecrets = ({ kind, metadata }: KubernetesObject): SecretOwner => ({
  kind,
  namespace: metadata.namespace ?? '',
  name: metadata.name,
});

export async function keepUser(frame: UserFrame, deps: UserDeps): Promise<Result> {
  const { user, target, base, now } = frame;
  const { namespace = '', name } = user.metadata;
  const secretName = credentialsName(name);
  const owner = ownerOfSecrets(user);
  const no = (reason: string, message: string): Result => ({
    standing: { ...base, phase: 'Failed', ready: { status: 'False', reason, message } },
    next: now + WAIT_MS,
  });
  const chosen = await chosenPassword(user, deps);
  if (chosen === '') return no('PasswordMissing', passwordMissing(user));
  const found = await findSecret(namespace, secretName, deps);
  if (found !== undefined && !isOf(found, owner))
    return no(
      'SecretNameTaken',
      `Secret ${secretName} is somebody else's: rename it, or choose another name for the object`,
    );
  const plan = await credential(frame, found, chosen, deps);
  const look = await lookAtServer(frame, plan, deps);
  const intent = await secretOf(frame, plan, deps);
  await writeSecret(intent, owner, deps);
  const { secretNamespaces = [] } = user.spec;
  const copies = planCopies(secretNamespaces, namespace, consentIn(deps.facts));
  const taken = await keepCopies(intent, copies.present, owner, deps);
  if (rotateAnnotation in (user.metadata.annotations ?? {})) await endRotation(user, deps);
  tell(frame, plan, look.report, deps);
  const nextRotation = user.spec.rotation === undefined ? undefined : plan.next;
  return {
    standing: {
      ...base,
      ...readiness(look.report, user),
      username: namesOf(user, target.known).name,
      secretName,
      changedAt: plan.changedAt,
      ...(nextRotation !== undefined && { nextRotation }),
      ...(secretNamespaces.length > 0 && { copies: { ...copies, taken } }),
    },
    next: Math.min(look.next, plan.next ?? Infinity, frame.expiresAt ?? Infinity),
  };
}

function passwordMissing({ spec: { passwordSecret } }: DatabaseUser): string {
  const { name = '', key = 'password' } = passwordSecret ?? {};
  return `Secret ${name} has no key ${key}: make it, and it is found within half a minute`;
}

async function secretOf({ user, target }: UserFrame, plan: CredentialPlan, deps: UserDeps): Promise<KubernetesObject> {
  const { database, engine } = target.known;
  const authority = await certificateAuthority(database, deps);
  const named = user.spec.privileges?.find((one) => one.database !== undefined)?.database;
  return userSecret({
    owner: ownerOfSecrets(user),
    namespace: user.metadata.namespace ?? '',
    name: credentialsName(user.metadata.name),
    database,
    engine,
    login: plan.login,
    password: plan.password,
    databaseName: named ?? target.server.application.database,
    ...(deps.clusterDomain !== undefined && { clusterDomain: deps.clusterDomain }),
    ...(authority !== undefined && { certificateAuthority: authority }),
    kept: { changedAt: plan.changedAt, ...(plan.previous && { previous: plan.previous }) },
  });
}

/** Undefined: none is chosen; '': it is not there. Not watched, so it is read each time. */
async function chosenPassword(user: DatabaseUser, { client }: UserDeps): Promise<string | undefined> {
  const { passwordSecret } = user.spec;
  if (passwordSecret === undefined) return undefined;
  const { namespace = '' } = user.metadata;
  const secret = await client.get({ resource: Secret, namespace, name: passwordSecret.name });
  const data = (secret?.['data'] ?? {}) as Readonly<Record<string, string>>;
  return Buffer.from(data[passwordSecret.key ?? 'password'] ?? '', 'base64')
    .toString('utf8')
    .replace(/\r?\n$/, '');
}

/** A change is decided on what the API server says now: on an old copy it would be made twice. */
async function credential(
  { user, target, now }: UserFrame,
  found: KubernetesObject | undefined,
  chosen: string | undefined,
  deps: UserDeps,
): Promise<CredentialPlan> {
  const names = namesOf(user, target.known);
  const interval = user.spec.rotation && parseDuration(user.spec.rotation.interval);
  const input = (secret: KubernetesObject | undefined, rotateNow: boolean): CredentialInput => ({
    now,
    names,
    kept: secret && readUserSecret(secret),
    chosen,
    interval: interval?.ok === true ? interval.value : undefined,
    rotateNow,
    newPassword: () => makePassword(deps.randomBytes),
  });
  const isAsked = rotateAnnotation in (user.metadata.annotations ?? {});
  const first = planCredential(input(found, isAsked));
  if (first.action === 'kept') return first;
  const { namespace = '', name } = user.metadata;
  const secret = await deps.client.get({ resource: Secret, namespace, name: credentialsName(name) });
  const live = isAsked ? await deps.client.get(refOf(DatabaseUserResource, user)) : undefined;
  return planCredential(input(secret, rotateAnnotation in (live?.metadata.annotations ?? {})));
}

interface Look {
  /** Undefined: it was not the time to look. */
  readonly report?: UserReport;
  readonly next: number;
}

async function lookAtServer(frame: UserFrame, plan: CredentialPlan, deps: UserDeps): Promise<Look> {
  const { user, key, target, expiresAt, now } = frame;
  const { login, password, previous } = plan;
  const names = namesOf(user, target.known);
  const lasting = {
    ...names,
    login: { name: login, password },
    ...(previous && { previous: { name: previous.login, sha256: previous.sha256 } }),
    privileges: user.spec.privileges ?? [],
    ...(expiresAt !== undefined && { expiresAt: new Date(expiresAt) }),
  };
  const wanted: WantedUser = { ...lasting, known: user.status?.username === names.name };
  const fingerprint = sha256(JSON.stringify([lasting, target.fingerprint, target.server.application]));
  if (!deps.userLooks.isDue(key, fingerprint, now)) return { next: deps.userLooks.next(key) ?? now };
  const client = target.known.driver.connect(target.server, deps.randomBytes);
  try {
    const report = await client.ensure(wanted);
    const isWaiting = report.missing.length > 0;
    const next = now + (isWaiting ? WAIT_MS : lookAgainMs(deps.random));
    deps.userLooks.looked(key, fingerprint, next);
    return { report, next };
  } finally {
    client.close();
  }
}

function readiness(report: UserReport | undefined, user: DatabaseUser): Pick<UserStanding, 'phase' | 'ready'> {
  if (report === undefined) {
    const before = user.status?.conditions?.find(({ type }) => type === 'Ready');
    if (before !== undefined && ['UserReady', 'TargetMissing', 'NotPossible'].includes(before.reason))
      return { phase: before.status === 'True' ? 'Ready' : 'Pending', ready: before };
  }
  const { missing = [], unsupported = [] } = report ?? {};
  const no = (reason: string, message: string): Pick<UserStanding, 'phase' | 'ready'> => ({
    phase: 'Pending',
    ready: { status: 'False', reason, message },
  });
  if (missing.length > 0)
    return no('TargetMissing', `it can log in; rights are given once this is there: ${missing.join(', ')}`);
  if (unsupported.length > 0) return no('NotPossible', `it can log in; what can't be done: ${unsupported.join('; ')}`);
  return {
    phase: 'Ready',
    ready: { status: 'True', reason: 'UserReady', message: 'it can log in and has its rights' },
  };
}

export async function certificateAuthority(
  { spec, metadata: { namespace = '' } }: UserFrame['target']['known']['database'],
  { client }: UserDeps,
): Promise<string | undefined> {
  const name = spec.tls?.certificateSecret;
  if (name === undefined) return undefined;
  const secret = await client.get({ resource: Secret, namespace, name });
  const text = ((secret?.['data'] ?? {}) as Readonly<Record<string, string>>)['ca.crt'];
  return text === undefined ? undefined : Buffer.from(text, 'base64').toString('utf8');
}

async function endRotation(user: DatabaseUser, { client }: UserDeps): Promise<void> {
  await client.mergePatch(refOf(DatabaseUserResource, user), {
    metadata: { uid: user.metadata.uid, annotations: { [rotateAnnotation]: null } },
  });
}

function tell({ user }: UserFrame, plan: CredentialPlan, report: UserReport | undefined, { events }: UserDeps): void {
  const say = (type: 'Normal' | 'Warning', reason: string, note: string): void =>
    events.record({ regarding: user, action: 'Reconcile', type, reason, note });
  const hadRead = user.status?.username !== undefined;
  if (plan.action === 'rotated')
    say(
      'Normal',
      'PasswordRotated',
      `the Secret has a new credential; the one before stays valid until the next rotation`,
    );
  if (plan.action === 'made' && hadRead)
    say('Normal', 'PasswordMade', 'the Secret was gone: a new password is made and the old one is worth nothing');
  const isSettled = user.status?.observedGeneration === user.metadata.generation;
  if (report === undefined || !isSettled || !hadRead) return;
  if (report.revoked.length > 0)
    say('Warning', 'RightsTakenAway', `given by hand and taken away again: ${report.revoked.join(', ')}`);
  if (report.changes.length > 0 && plan.action === 'kept')
    say('Normal', 'UserRepaired', `put right: ${report.changes.join(', ')}`);
}
