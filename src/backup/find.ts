/** The backup that an order names, with everything needed to read it. */
import type { BackupFailure, BackupManifest, BackupOrder } from '../api/backup-order.ts';
import { BackupFault, type BackupSource } from '../engines/backup.ts';
import { keyFingerprint } from '../values/sealed.ts';
import { choose, folderOf, listBackups, readManifest, type NamedBackup } from './catalogue.ts';
import { readKey, type Job } from './context.ts';
import type { Storage } from './storage/storage.ts';
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
  const wanted = order.backup ?? 'latest';
  const named =
    order.moment !== undefined && wanted === 'latest'
      ? await chooseForMoment(backups, order.moment, storage, folder)
      : choose(backups, wanted, order.who, storage.where(folder));
  const { manifest, checksum } = await readManifest(storage, folder, named.name);
  if (manifest.engine !== order.engine) {
    const what = `${named.name} is a backup of ${manifest.engine}; it can't be restored into ${order.engine}`;
    throw new BackupFault('WrongEngine', what);
  }
  return { folder, named, manifest, checksum };
}

/** The newest that has a copy of the files and had ended by then. */
async function chooseForMoment(
  backups: readonly NamedBackup[],
  moment: string,
  storage: Storage,
  folder: string,
): Promise<NamedBackup> {
  let earliest = '';
  for (const backup of backups.filter(({ whole }) => whole).toReversed()) {
    const { files } = (await readManifest(storage, folder, backup.name)).manifest;
    if (files === undefined) continue;
    if (Date.parse(files.endedAt) <= Date.parse(moment)) return backup;
    earliest = files.endedAt;
  }
  const have =
    earliest === '' ? 'no backup there was taken with spec.backup.pointInTime' : `the earliest is ${earliest}`;
  throw new BackupFault('MomentNotCovered', `${storage.where(folder)} can't be brought to ${moment}: ${have}`);
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
