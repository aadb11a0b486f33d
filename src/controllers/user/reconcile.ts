/**
 * One pass over one DatabaseUser. What is wrong with the object or its Database ends the pass early, and the status says so;
 * otherwise: credential planned, server made true, Secret and copies written, status. In this order, so that nobody is ever
 * shown a credential that does not work yet.
 */
import { recheck } from '../../admission/decide.ts';
import { getCondition } from '../../api/conditions.ts';
import * as resources from '../../api/resources.ts';
import type { DatabaseUser } from '../../api/types.generated.ts';
import { finalizer } from '../../desired/names.ts';
import { userStatus, type UserStanding } from '../../status/user.ts';
import { parseDuration } from '../../values/duration.ts';
import { addFinalizer } from '../database/finalizer.ts';
import { writeStatus } from '../database/status.ts';
import type { Outcome } from '../loop.ts';
import { endUser } from './deletion.ts';
import { expireUser } from './expiry.ts';
import { keepUser } from './keep.ts';
import { faultOf, rivalOf } from './names.ts';
import { WAIT_MS, type Result, type UserDeps } from './deps.ts';
import { targetOf } from './target.ts';
import { wordsOf } from './words.ts';

/** Consent to copies is judged copy by copy: the user itself does not depend on it. */
const judgedElsewhere = new Set(['DU040']);

/** `key` is namespace/name. */
export async function reconcileUser(key: string, deps: UserDeps, signal: AbortSignal): Promise<Outcome> {
  const slash = key.indexOf('/');
  const stored = deps.caches.store(resources.DatabaseUser)?.get(key.slice(0, slash), key.slice(slash + 1));
  if (stored === undefined) {
    deps.userLooks.forget(key);
    return {};
  }
  const user = stored as DatabaseUser;
  if (user.metadata.deletionTimestamp !== undefined) return endUser(user, key, deps);
  const now = deps.clock.now();
  let current = user;
  const own = async (): Promise<void> => {
    if (!(user.metadata.finalizers ?? []).includes(finalizer))
      current = { ...user, metadata: (await addFinalizer(user, deps.client)).metadata };
  };
  const { standing, next } = await decide(user, key, deps, own);
  signal.throwIfAborted();
  tellChange(user, standing, deps);
  await writeStatus(current, userStatus(user, standing, new Date(now)), deps.client);
  return next === undefined ? {} : { requeueAfterSeconds: Math.max(1, Math.ceil((next - deps.clock.now()) / 1000)) };
}

async function decide(user: DatabaseUser, key: string, deps: UserDeps, own: () => Promise<void>): Promise<Result> {
  const now = deps.clock.now();
  const expiresAt = expiryOf(user);
  const base = {
    phase: 'Pending',
    invalidFields: [],
    ...(user.status?.username !== undefined && { username: user.status.username }),
    ...(expiresAt !== undefined && { expiresAt }),
    ...(user.status?.secretName !== undefined && { secretName: user.status.secretName }),
  } as const;
  const no = (reason: string, message: string, phase: UserStanding['phase'] = 'Pending'): UserStanding => ({
    ...base,
    phase,
    ready: { status: 'False', reason, message },
  });
  const findings = recheck(user, { now: new Date(now), facts: deps.facts }).filter(
    ({ rule }) => !judgedElsewhere.has(rule),
  );
  if (findings.length > 0) {
    const fields = [...new Set(findings.map(({ field }) => field))];
    const why = `put right: ${fields.join(', ')}`;
    return { standing: { ...no('Invalid', why, 'Failed'), invalidFields: fields }, next: now + WAIT_MS * 10 };
  }
  return at(user, key, deps, { base, no, own });
}

interface Answers {
  readonly base: Omit<UserStanding, 'ready'>;
  readonly no: (reason: string, message: string, phase?: UserStanding['phase']) => UserStanding;
  readonly own: () => Promise<void>;
}

/** Its rules hold: now what its Database says. */
async function at(user: DatabaseUser, key: string, deps: UserDeps, { base, no, own }: Answers): Promise<Result> {
  const now = deps.clock.now();
  const { expiresAt } = base;
  const target = targetOf(user, deps);
  if (target.kind === 'gone')
    return { standing: no('DatabaseNotFound', 'the Database that it refers to does not exist') };
  // An expiry has to be on time; whatever else is the matter is told once it is over.
  if (target.kind === 'waiting') return { standing: no(target.reason, target.message), next: now + WAIT_MS };
  const fault = faultOf(user, target.known);
  if (fault !== undefined) {
    const why = `${fault.field} ${fault.message}`;
    return { standing: { ...no('Invalid', why, 'Failed'), invalidFields: [fault.field] } };
  }
  const rival = rivalOf(user, target.known, deps.caches);
  if (rival !== undefined) {
    const { namespace = '', name } = rival.metadata;
    const message = `${rival.kind} ${namespace}/${name} is older and has this user: nothing is changed; choose another username, or delete one of the two`;
    return { standing: no('UserConflict', message, 'Failed'), next: now + WAIT_MS };
  }
  await own();
  const frame = { user, key, target, base, expiresAt, now };
  try {
    return await (expiresAt !== undefined && expiresAt <= now ? expireUser(frame, deps) : keepUser(frame, deps));
  } catch (error) {
    if (!isOfServer(error)) throw error;
    const before = getCondition(user.status?.conditions, 'Ready');
    // A failover takes some seconds, in which nothing is wrong with the user.
    const isNew = now - deps.userLooks.failedSince(key, now) < FAILOVER_MS;
    const standing: UserStanding =
      isNew && before?.reason === 'UserReady'
        ? { ...base, phase: 'Ready', ready: before }
        : no('ServerRefused', `the server does not take it: ${wordsOf(error)}`);
    return { standing, next: now + 5_000 };
  }
}

/** Milliseconds. */
const FAILOVER_MS = 15_000;

/** Of a database server or of the way there; the API server's own are the loop's. */
const isOfServer = (error: unknown): boolean =>
  error instanceof Error &&
  error.name !== 'ApiError' &&
  ('code' in error || error.name === 'UserRefused' || /takes no writes/.test(error.message));

/** Milliseconds since the epoch. */
export function expiryOf(user: DatabaseUser): number | undefined {
  const { expiresAfter } = user.spec;
  const parsed = expiresAfter === undefined ? undefined : parseDuration(expiresAfter);
  const made = Date.parse(user.metadata.creationTimestamp ?? '');
  return parsed?.ok === true && !Number.isNaN(made) ? made + parsed.value : undefined;
}

function tellChange(user: DatabaseUser, { ready }: UserStanding, { events }: UserDeps): void {
  const before = getCondition(user.status?.conditions, 'Ready');
  if (before?.status === ready.status && before.reason === ready.reason) return;
  const isGood = ready.status === 'True' || ready.reason === 'DatabaseNotReady';
  events.record({
    regarding: user,
    action: 'Reconcile',
    type: isGood ? 'Normal' : 'Warning',
    reason: ready.reason,
    note: ready.message,
  });
}
