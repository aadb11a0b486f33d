/** What a recovery needs beside the Database: the DatabaseBackup, and the password that the new credentials must have. */
import { isTrue } from '../../api/conditions.ts';
import type { KubernetesObject } from '../../api/object.ts';
import * as resources from '../../api/resources.ts';
import type { Database, DatabaseBackup, RecoverySpec } from '../../api/types.generated.ts';
import { encryptionKey } from '../../desired/backup-pod.ts';
import { recoveryInspectName } from '../../desired/names.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { runsOf } from '../../status/backup-runs.ts';
import { openSealed, parseKey, secretStream } from '../../values/sealed.ts';
import type { Caches } from '../caches.ts';
import type { RecoveryFacts, Unusable } from './observation.ts';

export interface RecoveryDeps {
  readonly client: KubernetesClient;
  readonly caches: Caches;
}

interface Around {
  /** The credentials are made already: no Secret is read. */
  readonly hasCredentials: boolean;
  readonly backupPods: readonly KubernetesObject[];
  readonly signal: AbortSignal;
}

/** Undefined when there is none or it is done. */
export async function gatherRecovery(
  database: Database,
  around: Around,
  { client, caches }: RecoveryDeps,
): Promise<RecoveryFacts | undefined> {
  const { metadata, spec, status } = database;
  const recovery = spec.bootstrap?.recovery;
  if (recovery === undefined || spec.paused === true || isTrue(status?.conditions, 'Recovered')) return undefined;
  if (metadata.deletionTimestamp !== undefined) return undefined;
  const { namespace } = metadata;
  const reference = recovery.backupRef;
  const backup =
    reference && caches.store(resources.DatabaseBackup)?.get(reference.namespace ?? namespace, reference.name);
  const read = (name: string): Promise<KubernetesObject | undefined> =>
    client.get(
      { resource: resources.Secret, name, ...(namespace !== undefined && { namespace }) },
      { signal: around.signal },
    );
  return {
    backup: backup as DatabaseBackup | undefined,
    password: around.hasCredentials
      ? undefined
      : await passwordOf(database, recovery, backup as DatabaseBackup | undefined, around, read),
  };
}

type Read = (name: string) => Promise<KubernetesObject | undefined>;

/** In the order of who knows it best: the backup, then the user. */
async function passwordOf(
  { metadata }: Database,
  recovery: RecoverySpec,
  backup: DatabaseBackup | undefined,
  { backupPods }: Around,
  read: Read,
): Promise<string | Unusable | undefined> {
  const job = recoveryInspectName(metadata.name);
  const looked = runsOf(backupPods).find((run) => run.job === job && run.result?.ok === true)?.result;
  const sealed = looked?.manifest?.sealedSecret;
  if (sealed !== undefined) {
    const secret = recovery.encryptionSecret ?? backup?.spec.encryptionSecret ?? '';
    const key = parseKey(valueOf(await read(secret), encryptionKey) ?? Buffer.alloc(0));
    if (key === undefined)
      return {
        reason: 'KeyMissing',
        why: `Secret ${secret} has no ${encryptionKey} of 32 bytes (or their base64 or hex)`,
      };
    return opened(Buffer.from(sealed, 'base64'), key);
  }
  const { name, key = 'password' } = recovery.passwordSecret ?? {};
  if (name === undefined) return undefined;
  const text = valueOf(await read(name), key)?.toString('utf8');
  return text ?? { reason: 'PasswordMissing', why: `Secret ${name} or its key ${key} does not exist` };
}

async function opened(sealed: Buffer, key: Buffer): Promise<string | Unusable | undefined> {
  try {
    const text = (await openSealed(sealed, key, secretStream)).toString('utf8');
    return (JSON.parse(text) as { readonly password?: string }).password;
  } catch {
    return { reason: 'WrongKey', why: 'the encryption key of the recovery does not open the backup' };
  }
}

function valueOf(secret: KubernetesObject | undefined, key: string): Buffer | undefined {
  const value = ((secret?.['data'] ?? {}) as Readonly<Record<string, string | undefined>>)[key];
  return value === undefined || value === '' ? undefined : Buffer.from(value, 'base64');
}
