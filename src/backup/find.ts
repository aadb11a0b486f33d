/** The backup that an order names, with everything needed to read it. */
import type { BackupFailure, BackupManifest, BackupOrder } from '../api/backup-order.ts';
import { BackupFault, type BackupSource } from '../engines/backup.ts';
import { keyFingerprint } from '../values/sealed.ts';
import { choose, folderOf, listBackups, readManifest, type NamedBackup } from './catalogue.ts';
import { readKey, type Job } from './context.ts';
import { examine, loadStream, type StreamTarget } from './streams.ts';

export interface Found {
  readonly folder: string;
  readonly named: NamedBackup;
  readonly manifest: BackupManifest;
  readonly checksum: string;
}

export async function find({ order, storage }: Job): Promise<Found> {
  const folder = folderOf(order);
  const backups = await listBackups(storage, folder);
  const named = choose(backups, order.backup ?? 'latest', order.who, storage.where(folder));
  const { manifest, checksum } = await readManifest(storage, folder, named.name);
  if (manifest.engine !== order.engine) {
    const what = `${named.name} is a backup of ${manifest.engine}; it can't be restored into ${order.engine}`;
    throw new BackupFault('WrongEngine', what);
  }
  return { folder, named, manifest, checksum };
}

export interface StoredSource extends BackupSource {
  /** Reads everything that is stored; gives what is not as the manifest says. */
  examine(): Promise<readonly BackupFailure[]>;
}

/** Rejects with WrongKey or KeyMissing before anything is read. */
export async function sourceOf({ order, storage }: Job, { folder, manifest }: Found): Promise<StoredSource> {
  const key = await keyFor(order, manifest);
  const target: StreamTarget = { storage, folder: `${folder}${manifest.name}/`, key };
  return {
    streams: manifest.streams,
    read: (stream) => loadStream(target, stream),
    async examine() {
      const failures: BackupFailure[] = [];
      for (const object of manifest.streams.flatMap(({ objects }) => objects)) {
        const failure = await examine(target, object);
        if (failure !== undefined) failures.push(failure);
      }
      return failures;
    },
  };
}

async function keyFor(order: BackupOrder, manifest: BackupManifest): Promise<Buffer | undefined> {
  if (manifest.encryption === undefined) return undefined;
  const { keyFingerprint: wanted } = manifest.encryption;
  const key = await readKey(order);
  if (key === undefined) {
    throw new BackupFault('KeyMissing', `${manifest.name} is encrypted: name the Secret of key ${wanted}`);
  }
  const have = keyFingerprint(key);
  if (have === wanted) return key;
  const what = `${manifest.name} was encrypted with key ${wanted}; the one given is ${have}`;
  throw new BackupFault('WrongKey', what, { failures: [{ kind: 'wrong-key', what }] });
}
