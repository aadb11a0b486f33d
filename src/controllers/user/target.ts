/** The Database that users live in: whether it can be asked now, and where. */
import { completeDatabase } from '../../admission/defaults.ts';
import { isTrue } from '../../api/conditions.ts';
import type { KubernetesObject } from '../../api/object.ts';
import * as resources from '../../api/resources.ts';
import type { Database } from '../../api/types.generated.ts';
import { internalSecretName, podName } from '../../desired/names.ts';
import { readCredentials } from '../../desired/secret.ts';
import { applicationDatabase, applicationUser } from '../../engines/application.ts';
import type { Engine, MemberAddress } from '../../engines/engine.ts';
import type { UsersDriver, UsersServer } from '../../engines/users.ts';
import { databaseRefOf, type Caches } from '../caches.ts';
import { serverPods } from '../members/targets.ts';

/** Milliseconds for one question to a server, connecting included. */
const QUESTION_MS = 3_000;

/** A Database that is there, with its defaults, and its engine. */
export interface Known {
  readonly database: Database;
  readonly engine: Engine;
  readonly driver: UsersDriver;
}

export type Target =
  | { readonly kind: 'gone' }
  | { readonly kind: 'waiting'; readonly known?: Known; readonly reason: string; readonly message: string }
  | {
      readonly kind: 'ready';
      readonly known: Known;
      readonly server: UsersServer;
      /** Changes when members come and go or another one takes the writes. */
      readonly fingerprint: string;
    };

export interface TargetDeps {
  readonly caches: Caches;
  readonly engineByName: (name: string) => Engine | undefined;
}

function membersOf(
  pods: readonly KubernetesObject[],
  { database: { metadata }, engine }: Known,
  caches: Caches,
): readonly MemberAddress[] {
  const secret = caches.store(resources.Secret)?.get(metadata.namespace, internalSecretName(metadata.name));
  const credentials = secret && readCredentials(secret);
  if (credentials === undefined) return [];
  const { superuserPassword, replicationPassword } = credentials;
  return pods.flatMap((pod): MemberAddress[] => {
    const { podIP: host, phase } = (pod['status'] ?? {}) as { podIP?: string; phase?: string };
    if (host === undefined || phase !== 'Running') return [];
    const where = { pod: pod.metadata.name, host, port: engine.port, timeoutMs: QUESTION_MS };
    return [{ ...where, superuserPassword, replicationPassword }];
  });
}

function obstacleOf({ spec, status }: Database): string | undefined {
  if (spec.paused === true) return 'is paused: set spec.paused to false to go on';
  return isTrue(status?.conditions, 'Ready') ? undefined : 'is not ready: see its status';
}

export function targetOf(object: KubernetesObject, { caches, engineByName }: TargetDeps): Target {
  const reference = databaseRefOf(object);
  const stored = reference && caches.store(resources.Database)?.get(reference.namespace, reference.name);
  if (stored === undefined || stored.metadata.deletionTimestamp !== undefined) return { kind: 'gone' };
  const called = `Database ${stored.metadata.namespace ?? ''}/${stored.metadata.name}`;
  const database = completeDatabase(stored as Database);
  const engine = engineByName(database.spec.engine ?? '');
  const driver = engine?.runtime?.users;
  if (engine === undefined || driver === undefined)
    return {
      kind: 'waiting',
      reason: 'EngineNotSupported',
      message: `${called} has an engine that this release does not run`,
    };
  const known: Known = { database, engine, driver };
  const wait = (message: string): Target => ({ kind: 'waiting', known, reason: 'DatabaseNotReady', message });
  const obstacle = obstacleOf(database);
  if (obstacle !== undefined) return wait(`${called} ${obstacle}`);
  const { namespace, name } = stored.metadata;
  const pods = serverPods(caches, namespace, name);
  const members = membersOf(pods, known, caches);
  const primaryName = database.status?.currentPrimary ?? podName(name, 0);
  const primary = members.find(({ pod }) => pod === primaryName);
  if (primary === undefined) return wait(`${called} has no primary that can be asked: see its status`);
  return {
    kind: 'ready',
    known,
    server: {
      primary,
      members,
      application: { user: applicationUser(database, engine), database: applicationDatabase(database, engine) },
    },
    fingerprint: JSON.stringify([primaryName, pods.map(({ metadata }) => metadata.uid).sort()]),
  };
}
