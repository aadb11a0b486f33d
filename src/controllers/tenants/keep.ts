/** One tenant that is to be there: its logical database, the user that owns it, its Secret. */
import type { MultiTenantDatabase, Tenant, TenantStatus } from '../../api/types.generated.ts';
import { identifierFault, reservedFault } from '../../admission/rules/checks/identifiers.ts';
import { Secret } from '../../api/resources.ts';
import { makePassword } from '../../desired/secret.ts';
import { credentialsName, readUserSecret, userSecret } from '../../desired/user-secret.ts';
import { sha256 } from '../../engines/hashes.ts';
import type { UserReport, WantedUser } from '../../engines/users.ts';
import { planCredential, type CredentialPlan } from '../../planning/users.ts';
import { parseQueryTimeout } from '../../values/duration.ts';
import { bytesOf } from '../../values/quantity-use.ts';
import { WAIT_MS, type UserDeps } from '../user/deps.ts';
import { certificateAuthority, ownerOfSecrets } from '../user/keep.ts';
import { lookAgainMs } from '../user/looks.ts';
import { rivalOf, tenantName } from '../user/names.ts';
import { consentIn, findSecret, isOf, writeSecret } from '../user/secrets.ts';
import type { Target } from '../user/target.ts';
import { wordsOf } from '../user/words.ts';

/** On the Secret of a tenant: its name. */
export const tenantLabel = 'database.example.com/tenant';

export interface TenantsFrame {
  readonly object: MultiTenantDatabase;
  readonly key: string;
  readonly target: Extract<Target, { kind: 'ready' }>;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

interface Kept {
  readonly row: TenantStatus;
  readonly next: number;
}

export async function keepTenant(frame: TenantsFrame, tenant: Tenant, deps: UserDeps): Promise<Kept> {
  const { object, target, now } = frame;
  const own = object.metadata.namespace ?? '';
  const namespace = tenant.namespace ?? own;
  const before = object.status?.tenants?.find(({ name }) => name === tenant.name);
  const database = tenantName(tenant.name, target.known);
  const base = { name: tenant.name, namespace, ...(before?.database !== undefined && { database: before.database }) };
  const row = (phase: 'Pending' | 'Failed', message: string): Kept => ({
    row: { ...base, phase, message: message.slice(0, 1024) },
    next: now + WAIT_MS,
  });
  const obstacle = obstacleOf(frame, { database, namespace }, deps);
  if (obstacle !== undefined) return row(obstacle.phase, obstacle.message);
  const secretName = credentialsName(`${object.metadata.name}-${tenant.name}`);
  const owner = ownerOfSecrets(object);
  const found = await findSecret(namespace, secretName, deps);
  if (found !== undefined && !isOf(found, owner))
    return row('Failed', `Secret ${namespace}/${secretName} is somebody else's`);
  const plan = await credential(frame, { namespace, secretName, database, found }, deps);
  try {
    return await settle(frame, tenant, { plan, before, base, database, secretName, namespace }, deps);
  } catch (error) {
    if (error instanceof Error && error.name === 'ApiError') throw error;
    const failedFor = now - deps.userLooks.failedSince(`${frame.key}#${tenant.name}`, now);
    if (mayBeFailover(before, failedFor)) return { row: before, next: now + 5_000 };
    return { ...row('Failed', `the server does not take it: ${wordsOf(error)}`), next: now + 10_000 };
  }
}

/** It takes some seconds, in which nothing is wrong with the tenant. `failedFor`: milliseconds. */
const mayBeFailover = (before: TenantStatus | undefined, failedFor: number): before is TenantStatus =>
  before?.phase === 'Ready' && failedFor < 15_000;

function obstacleOf(
  frame: TenantsFrame,
  { database, namespace }: Pick<Settling, 'database' | 'namespace'>,
  deps: UserDeps,
): { readonly phase: 'Pending' | 'Failed'; readonly message: string } | undefined {
  const fault = faultOf(frame, database, deps);
  if (fault !== undefined) return { phase: 'Failed', message: fault };
  if (isWelcome(namespace, frame.object.metadata.namespace ?? '', deps)) return undefined;
  const label = 'database.example.com/allow-references=true';
  return { phase: 'Pending', message: `no Secret without the label ${label} on namespace ${namespace}` };
}

const isWelcome = (namespace: string, own: string, { facts }: UserDeps): boolean =>
  namespace === own || consentIn(facts)(namespace) === true;

interface Settling {
  readonly plan: CredentialPlan;
  readonly before: TenantStatus | undefined;
  readonly base: Pick<TenantStatus, 'name' | 'namespace'>;
  readonly database: string;
  readonly secretName: string;
  readonly namespace: string;
}

async function settle(
  frame: TenantsFrame,
  tenant: Tenant,
  { plan, before, base, database, secretName, namespace }: Settling,
  deps: UserDeps,
): Promise<Kept> {
  const { object, target } = frame;
  const owner = ownerOfSecrets(object);
  const look = await lookAtServer(frame, tenant, { plan, database, known: before?.database === database }, deps);
  const authority = await certificateAuthority(target.known.database, deps);
  const intent = userSecret({
    owner,
    namespace,
    name: secretName,
    database: target.known.database,
    engine: target.known.engine,
    login: plan.login,
    password: plan.password,
    databaseName: database,
    ...(deps.clusterDomain !== undefined && { clusterDomain: deps.clusterDomain }),
    ...(authority !== undefined && { certificateAuthority: authority }),
    labels: { [tenantLabel]: tenant.name },
    kept: { changedAt: plan.changedAt },
  });
  await writeSecret(intent, owner, deps);
  const message = look.report === undefined ? before?.message : remarks(tenant, look.report);
  if (message !== undefined && message !== before?.message)
    deps.events.record({
      regarding: object,
      action: 'Reconcile',
      type: 'Warning',
      reason: 'TenantLimits',
      note: `${tenant.name}: ${message}`,
    });
  return {
    row: { ...base, phase: 'Ready', database, secretName, ...(message !== undefined && { message }) },
    next: look.next,
  };
}

function faultOf({ object, target }: TenantsFrame, name: string, { caches }: UserDeps): string | undefined {
  const { engine } = target.known;
  const fault =
    identifierFault('name', name, engine.userIdentifier, engine.title) ??
    identifierFault('name', name, engine.databaseIdentifier, engine.title) ??
    reservedFault('name', name, engine.userIdentifier, engine.title) ??
    reservedFault('name', name, engine.databaseIdentifier, engine.title);
  if (fault !== undefined) return `its name ${fault.message}`;
  const { application } = target.server;
  if (name === application.user || name === application.database)
    return `its name is that of the Database's own ${name}: choose another`;
  const rival = rivalOf(object, target.known, caches, [name]);
  if (rival === undefined) return undefined;
  return `${rival.kind} ${rival.metadata.namespace ?? ''}/${rival.metadata.name} is older and has the name ${name} in this Database`;
}

/** A password is made on what the API server says now: on an old copy it would be made twice. */
async function credential(
  { now }: TenantsFrame,
  {
    namespace,
    secretName,
    database,
    found,
  }: {
    namespace: string;
    secretName: string;
    database: string;
    found: Parameters<typeof readUserSecret>[0] | undefined;
  },
  deps: UserDeps,
): Promise<CredentialPlan> {
  const plan = (secret: typeof found): CredentialPlan =>
    planCredential({
      now,
      names: { name: database },
      kept: secret && readUserSecret(secret),
      chosen: undefined,
      interval: undefined,
      rotateNow: false,
      newPassword: () => makePassword(deps.randomBytes),
    });
  const first = plan(found);
  if (first.action === 'kept') return first;
  return plan(await deps.client.get({ resource: Secret, namespace, name: secretName }));
}

async function lookAtServer(
  { key, target, now }: TenantsFrame,
  { name, config }: Tenant,
  { plan, database, known }: { readonly plan: CredentialPlan; readonly database: string; readonly known: boolean },
  deps: UserDeps,
): Promise<{ readonly report?: UserReport; readonly next: number }> {
  const timeout = config?.statementTimeout === undefined ? undefined : parseQueryTimeout(config.statementTimeout);
  const lasting = {
    name: database,
    login: { name: plan.login, password: plan.password },
    privileges: [],
    home: database,
    limits: {
      ...(config?.connectionLimit !== undefined && { connections: config.connectionLimit }),
      ...(timeout?.ok === true && { statementTimeoutMs: timeout.value }),
    },
  };
  const wanted: WantedUser = { ...lasting, known };
  const fingerprint = sha256(JSON.stringify([lasting, config?.quota, target.fingerprint]));
  const looked = `${key}#${name}`;
  if (!deps.userLooks.isDue(looked, fingerprint, now)) return { next: deps.userLooks.next(looked) ?? now };
  const client = target.known.driver.connect(target.server, deps.randomBytes);
  try {
    const report = await client.ensure(wanted);
    const next = now + lookAgainMs(deps.random);
    deps.userLooks.looked(looked, fingerprint, next);
    return { report, next };
  } finally {
    client.close();
  }
}

/** What a person should know of a tenant that is ready all the same. No size: that would be another each time. */
function remarks({ config }: Tenant, { unsupported, size }: UserReport): string | undefined {
  const quota = bytesOf(config?.quota);
  const over = quota !== undefined && size !== undefined && size > quota;
  const all = [...unsupported, ...(over ? [`its data is larger than its quota of ${String(config?.quota)}`] : [])];
  return all.length === 0 ? undefined : all.join('; ');
}
