/**
 * The end of a tenant, alone or with its object. Retain: the data stays, nobody can log in, and a tenant of this name finds
 * it again with a new password. Delete: database and user are dropped. The finalizer always ends.
 */
import { Namespace } from '../../api/resources.ts';
import type { MultiTenantDatabase, TenantStatus } from '../../api/types.generated.ts';
import { finalizer } from '../../desired/names.ts';
import { removeFinalizer } from '../database/finalizer.ts';
import type { Outcome } from '../loop.ts';
import type { UserDeps } from '../user/deps.ts';
import { ownerOfSecrets } from '../user/keep.ts';
import { rivalOf } from '../user/names.ts';
import { removeSecret, secretsOf } from '../user/secrets.ts';
import { targetOf } from '../user/target.ts';
import type { TenantsFrame } from './keep.ts';

const LONGEST_MS = 600_000;
const AGAIN_SECONDS = 5;

/** The row that is left; undefined: nothing is left of it. */
export async function leaveTenant(
  { object, key, target }: Omit<TenantsFrame, 'now'>,
  row: TenantStatus,
  deps: UserDeps,
): Promise<TenantStatus | undefined> {
  const drops = object.spec.reclaimPolicy === 'Delete';
  const { name, database } = row;
  deps.userLooks.forget(`${key}#${name}`);
  // It never was this object's.
  if (database === undefined) return undefined;
  if (row.phase === 'Retained' && !drops) return row;
  if (rivalOf(object, target.known, deps.caches, [database]) !== undefined) return undefined;
  const client = target.known.driver.connect(target.server, deps.randomBytes);
  try {
    if (!drops) {
      await client.lock({ name: database });
      return { name, phase: 'Retained', database };
    }
    const { kept } = await client.drop({ name: database, home: database });
    if (kept === undefined) return undefined;
    deps.events.record({ regarding: object, action: 'Reconcile', type: 'Warning', reason: 'UserKept', note: kept });
    return undefined;
  } catch (error) {
    if (error instanceof Error && error.name === 'ApiError') throw error;
    const words = error instanceof Error ? error.message : 'no answer';
    return {
      name,
      phase: 'Failed',
      database,
      message: `it leaves, and the server does not take it: ${words}`.slice(0, 1024),
    };
  } finally {
    client.close();
  }
}

export async function endTenants(object: MultiTenantDatabase, key: string, deps: UserDeps): Promise<Outcome> {
  if (!(object.metadata.finalizers ?? []).includes(finalizer)) return {};
  for (const secret of secretsOf(ownerOfSecrets(object), deps.caches)) await removeSecret(secret, deps);
  const what = await endAll(object, key, deps);
  if (what !== undefined && mayWait(object, deps)) return { requeueAfterSeconds: AGAIN_SECONDS };
  if (what !== undefined) {
    const note = `tenants stay in the server as they are: ${what}`;
    deps.events.record({ regarding: object, action: 'Reconcile', type: 'Warning', reason: 'TenantsKept', note });
  }
  await removeFinalizer(object, deps.client);
  return {};
}

/** What keeps tenants from leaving, in words; undefined: nothing. */
async function endAll(object: MultiTenantDatabase, key: string, deps: UserDeps): Promise<string | undefined> {
  const target = targetOf(object, deps);
  const rows = (object.status?.tenants ?? []).filter(({ database }) => database !== undefined);
  if (target.kind === 'gone' || rows.length === 0) return undefined;
  if (target.kind === 'waiting') return target.message;
  const left: string[] = [];
  for (const row of rows) {
    const rest = await leaveTenant({ object, key, target }, row, deps);
    if (rest?.phase === 'Failed') left.push(row.name);
  }
  return left.length === 0 ? undefined : left.join(', ');
}

function mayWait({ metadata }: MultiTenantDatabase, { clock, caches }: UserDeps): boolean {
  const namespace = caches.store(Namespace)?.get(undefined, metadata.namespace ?? '');
  if (namespace?.metadata.deletionTimestamp !== undefined) return false;
  return clock.now() - Date.parse(metadata.deletionTimestamp ?? '') < LONGEST_MS;
}
