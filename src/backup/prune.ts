/** Removes what retention gives up and what unfinished backups left. A manifest goes first: without it nothing is there. */
import type { BackupOrder, FilesCopy } from '../api/backup-order.ts';
import type { EngineLog } from '../engines/backup.ts';
import {
  folderOf,
  lastGoodOf,
  listBackups,
  manifestName,
  readManifest,
  readProof,
  type NamedBackup,
} from './catalogue.ts';
import { logRoot } from './log-store.ts';
import { leftoverMs, toRemove, type KeptBackup } from './retention.ts';
import type { Storage } from './storage/storage.ts';

export interface Pruned {
  /** Whole backups of this `who` that remain. */
  readonly kept: number;
  readonly removed: number;
}

export async function prune(storage: Storage, order: BackupOrder, now: Date, log?: EngineLog): Promise<Pruned> {
  const folder = folderOf(order);
  const listed = await listBackups(storage, folder);
  const mine = listed.filter(({ who }) => who === order.who);
  const backups: KnownBackup[] = [];
  for (const backup of mine) backups.push(await known(storage, folder, backup));
  const going = new Set(
    toRemove({ backups, who: order.who, retention: order.retention, now, all: order.all === true }),
  );
  for (const backup of mine.filter(({ name }) => going.has(name))) await removeBackup(storage, folder, backup);
  if (log !== undefined && order.who === undefined) {
    const remaining = backups.filter(({ name, whole }) => whole && !going.has(name));
    await pruneLog({ storage, root: logRoot(order), log, all: order.all === true }, remaining);
  }
  await storage.sweep(folder, new Date(now.getTime() - leftoverMs));
  const whole = mine.filter((backup) => backup.whole);
  return { kept: whole.filter(({ name }) => !going.has(name)).length, removed: going.size };
}

interface LogQuestion {
  readonly storage: Storage;
  readonly root: string;
  readonly log: EngineLog;
  readonly all: boolean;
}

/** What comes before the first piece that a backup needs is of no use. Of data without any backup nothing is given up. */
async function pruneLog({ storage, root, log, all }: LogQuestion, kept: readonly KnownBackup[]): Promise<void> {
  const needed = new Map<string, string>();
  for (const { files } of kept) {
    if (files === undefined) continue;
    const before = needed.get(files.data);
    if (before === undefined || log.comparePieces(files.firstPiece, before) < 0)
      needed.set(files.data, files.firstPiece);
  }
  const entries = await storage.list(root);
  const useless = entries.filter(({ path }) => {
    if (all) return true;
    const [data = '', object = ''] = path.slice(root.length).split('/');
    const [name = ''] = object.split('.');
    const first = needed.get(data);
    return first !== undefined && log.isPiece(name) && log.comparePieces(name, first) < 0;
  });
  if (useless.length > 0) await storage.remove(useless.map(({ path }) => path));
}

interface KnownBackup extends KeptBackup {
  readonly files: FilesCopy | undefined;
}

async function known(storage: Storage, folder: string, backup: NamedBackup): Promise<KnownBackup> {
  const touchedAt = new Date(Math.max(...backup.objects.map(({ modified }) => modified.getTime())));
  const proof = await readProof(storage, backup);
  // One that can't be read stands for itself, so that it does not push out others.
  const manifest = backup.whole
    ? await readManifest(storage, folder, backup.name).then(
        (read) => read.manifest,
        () => 'unreadable' as const,
      )
    : undefined;
  const uid = manifest === 'unreadable' ? `unreadable ${backup.name}` : manifest?.database.uid;
  const files = manifest === 'unreadable' ? undefined : manifest?.files;
  const everProven = lastGoodOf(proof) !== undefined;
  return { ...backup, touchedAt, uid, files, proven: proof?.ok === true, everProven };
}

async function removeBackup(storage: Storage, folder: string, backup: NamedBackup): Promise<void> {
  const manifest = `${folder}${backup.name}/${manifestName}`;
  if (backup.whole) await storage.remove([manifest]);
  await storage.remove(backup.objects.map(({ path }) => path).filter((path) => path !== manifest));
  if (backup.proofPath !== undefined) await storage.remove([backup.proofPath]);
}
