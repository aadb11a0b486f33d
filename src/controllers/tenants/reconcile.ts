/**
 * One pass over one MultiTenantDatabase: each tenant by itself, so that what is wrong with one holds up no other; then
 * those that left the list.
 */
import { recheck } from '../../admission/decide.ts';
import { getCondition } from '../../api/conditions.ts';
import * as resources from '../../api/resources.ts';
import type { MultiTenantDatabase, TenantStatus } from '../../api/types.generated.ts';
import { finalizer } from '../../desired/names.ts';
import { tenantsStatus, type TenantsStanding } from '../../status/tenants.ts';
import { addFinalizer } from '../database/finalizer.ts';
import { writeStatus } from '../database/status.ts';
import type { Outcome } from '../loop.ts';
import { WAIT_MS, type UserDeps } from '../user/deps.ts';
import { ownerOfSecrets } from '../user/keep.ts';
import { removeSecret, secretsOf } from '../user/secrets.ts';
import { targetOf } from '../user/target.ts';
import { keepTenant, tenantLabel, type TenantsFrame } from './keep.ts';
import { endTenants, leaveTenant } from './leave.ts';

/** Consent is judged tenant by tenant. */
const judgedElsewhere = new Set(['MT012']);

interface Result {
  readonly standing: TenantsStanding;
  /** Milliseconds since the epoch. */
  readonly next?: number;
}

/** `key` is namespace/name. */
export async function reconcileTenants(key: string, deps: UserDeps, signal: AbortSignal): Promise<Outcome> {
  const slash = key.indexOf('/');
  const stored = deps.caches.store(resources.MultiTenantDatabase)?.get(key.slice(0, slash), key.slice(slash + 1));
  if (stored === undefined) return {};
  const object = stored as MultiTenantDatabase;
  if (object.metadata.deletionTimestamp !== undefined) return endTenants(object, key, deps);
  const now = deps.clock.now();
  let current = object;
  const own = async (): Promise<void> => {
    if (!(object.metadata.finalizers ?? []).includes(finalizer))
      current = { ...object, metadata: (await addFinalizer(object, deps.client)).metadata };
  };
  const { standing, next } = await decide(object, key, deps, { own, signal });
  const status = tenantsStatus(object, standing, new Date(now));
  const [before, after] = [object.status, status].map((one) => getCondition(one?.conditions, 'Ready'));
  if (after !== undefined && (before?.status !== after.status || before.reason !== after.reason)) {
    const type = after.status === 'True' || after.reason === 'DatabaseNotReady' ? 'Normal' : 'Warning';
    deps.events.record({ regarding: object, action: 'Reconcile', type, reason: after.reason, note: after.message });
  }
  await writeStatus(current, status, deps.client);
  return next === undefined ? {} : { requeueAfterSeconds: Math.max(1, Math.ceil((next - deps.clock.now()) / 1000)) };
}

async function decide(
  object: MultiTenantDatabase,
  key: string,
  deps: UserDeps,
  { own, signal }: { readonly own: () => Promise<void>; readonly signal: AbortSignal },
): Promise<Result> {
  const now = deps.clock.now();
  const rowsBefore = object.status?.tenants ?? [];
  const no = (reason: string, message: string, invalidFields: readonly string[] = []): TenantsStanding => ({
    problem: { reason, message },
    invalidFields,
    rows: rowsBefore,
  });
  const findings = recheck(object, { now: new Date(now), facts: deps.facts }).filter(
    ({ rule }) => !judgedElsewhere.has(rule),
  );
  if (findings.length > 0) {
    const fields = [...new Set(findings.map(({ field }) => field))];
    return { standing: no('Invalid', `put right: ${fields.join(', ')}`, fields), next: now + WAIT_MS * 10 };
  }
  const target = targetOf(object, deps);
  if (target.kind === 'gone')
    return { standing: no('DatabaseNotFound', 'the Database that it refers to does not exist') };
  if (target.kind === 'waiting') return { standing: no(target.reason, target.message), next: now + WAIT_MS };
  await own();
  const frame: TenantsFrame = { object, key, target, now };
  const rows: TenantStatus[] = [];
  let next = Infinity;
  for (const tenant of object.spec.tenants ?? []) {
    signal.throwIfAborted();
    const kept = await keepTenant(frame, tenant, deps);
    rows.push(kept.row);
    next = Math.min(next, kept.next);
  }
  const wanted = new Set(rows.map(({ name }) => name));
  for (const row of rowsBefore.filter(({ name }) => !wanted.has(name))) {
    signal.throwIfAborted();
    const left = await leaveTenant(frame, row, deps);
    if (left !== undefined) rows.push(left);
    if (left?.phase === 'Failed') next = Math.min(next, now + WAIT_MS);
  }
  await removeStray(object, rows, deps);
  return { standing: { invalidFields: [], rows }, ...(next !== Infinity && { next }) };
}

/** Secrets of tenants that left, that live elsewhere now, or whose namespace takes its consent back. */
async function removeStray(object: MultiTenantDatabase, rows: readonly TenantStatus[], deps: UserDeps): Promise<void> {
  const places = new Set(
    rows
      .filter(({ secretName }) => secretName !== undefined)
      .map(({ name, namespace }) => `${namespace ?? ''}/${name}`),
  );
  for (const secret of secretsOf(ownerOfSecrets(object), deps.caches)) {
    const { namespace = '', labels = {} } = secret.metadata;
    if (!places.has(`${namespace}/${labels[tenantLabel] ?? ''}`)) await removeSecret(secret, deps);
  }
}
