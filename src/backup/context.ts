/** What every verb of the agent works with. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { BackupOrder } from '../api/backup-order.ts';
import { BackupFault, type EngineBackup, type EngineLog } from '../engines/backup.ts';
import { engineByName } from '../engines/index.ts';
import { parseKey } from '../values/sealed.ts';
import type { Exchange } from './exchange.ts';
import type { Storage } from './storage/storage.ts';

export interface Job {
  readonly order: BackupOrder;
  readonly storage: Storage;
  readonly engine: () => EngineBackup;
  /** Opened when first asked for. */
  readonly exchange: () => Promise<Exchange>;
  readonly now: () => Date;
  /** One line of the log. */
  readonly say: (text: string) => void;
}

export function engineOf({ engine }: BackupOrder): EngineBackup {
  const backup = engineByName(engine)?.runtime?.backup;
  if (backup !== undefined) return backup;
  throw new BackupFault('InvalidOrder', `the order's field engine: there are no backups of ${engine}`);
}

/** Of an engine that keeps none: undefined. */
export const logOf = ({ order }: Pick<Job, 'order'>): EngineLog | undefined =>
  engineByName(order.engine)?.runtime?.backup?.log;

export async function readKey({ encryptionKeyFile }: BackupOrder): Promise<Buffer | undefined> {
  if (encryptionKeyFile === undefined) return undefined;
  const content = await readFile(encryptionKeyFile).catch((error: unknown) => {
    throw new BackupFault('KeyMissing', 'the encryption key is not mounted: is it in its Secret?', { cause: error });
  });
  const key = parseKey(content);
  if (key !== undefined) return key;
  const remedy = 'openssl rand -base64 32 makes one';
  throw new BackupFault('KeyMissing', `the encryption key must be 32 bytes, or their base64 or hex: ${remedy}`);
}

export async function readPassword(directory: string, name: string): Promise<string> {
  return (
    await readFile(path.join(directory, name), 'utf8').catch((error: unknown) => {
      throw new BackupFault('ServerUnreachable', `the password ${name} is not mounted: is it in its Secret?`, {
        cause: error,
      });
    })
  ).replace(/\n$/, '');
}
