/**
 * The end of a DatabaseUser. Under Retain the user and its Secret stay, and an object of this name finds them again; under
 * Delete the user is dropped. The finalizer always ends: with the Database, with the namespace, or when the server did not
 * answer for ten minutes.
 */
import type { DatabaseUser } from '../../api/types.generated.ts';
import { finalizer } from '../../desired/names.ts';
import { ApiError } from '../../kubernetes/errors.ts';
import { removeFinalizer } from '../database/finalizer.ts';
import { Namespace } from '../../api/resources.ts';
import type { Outcome } from '../loop.ts';
import { ownerOfSecrets } from './keep.ts';
import { faultOf, namesOf, rivalOf } from './names.ts';
import type { UserDeps } from './deps.ts';
import { keepCopies, removeSecret, secretsOf } from './secrets.ts';
import { targetOf } from './target.ts';

const LONGEST_MS = 600_000;
const AGAIN_SECONDS = 5;

/** Why the user is still in the server, in words; undefined: it is not. `waits`: it may still be dropped. */
interface Ending {
  readonly left?: string;
  readonly waits?: boolean;
}

export async function endUser(user: DatabaseUser, key: string, deps: UserDeps): Promise<Outcome> {
  if (!(user.metadata.finalizers ?? []).includes(finalizer)) return {};
  const owner = ownerOfSecrets(user);
  await keepCopies(undefined, [], owner, deps);
  const drops = user.spec.reclaimPolicy === 'Delete';
  if (drops && user.status?.username !== undefined) {
    const { left, waits } = await drop(user, deps);
    if (left !== undefined && waits === true && mayWait(user, deps)) return { requeueAfterSeconds: AGAIN_SECONDS };
    if (left !== undefined)
      deps.events.record({ regarding: user, action: 'Reconcile', type: 'Warning', reason: 'UserKept', note: left });
  }
  if (drops) for (const secret of secretsOf(owner, deps.caches)) await removeSecret(secret, deps);
  await removeFinalizer(user, deps.client);
  deps.userLooks.forget(key);
  return {};
}

async function drop(user: DatabaseUser, deps: UserDeps): Promise<Ending> {
  const target = targetOf(user, deps);
  if (target.kind === 'gone') return {};
  if (target.kind === 'waiting') return { left: `the user is not dropped: ${target.message}`, waits: true };
  const { known, server } = target;
  const rival = rivalOf(user, known, deps.caches);
  if (rival !== undefined || faultOf({ ...user, spec: { ...user.spec, privileges: [] } }, known) !== undefined)
    return {};
  const client = known.driver.connect(server, deps.randomBytes);
  try {
    const { kept } = await client.drop(namesOf(user, known));
    return kept === undefined ? {} : { left: kept };
  } catch (error) {
    if (error instanceof ApiError) throw error;
    return { left: `the user is not dropped: ${error instanceof Error ? error.message : 'no answer'}`, waits: true };
  } finally {
    client.close();
  }
}

function mayWait({ metadata }: DatabaseUser, { clock, caches }: UserDeps): boolean {
  const namespace = caches.store(Namespace)?.get(undefined, metadata.namespace ?? '');
  if (namespace?.metadata.deletionTimestamp !== undefined) return false;
  return clock.now() - Date.parse(metadata.deletionTimestamp ?? '') < LONGEST_MS;
}
