/** Removes what retention gives up and what unfinished backups left. A manifest goes first: without it nothing is there. */
import type { BackupOrder } from '../api/backup-order.ts';
import {
  folderOf,
  lastGoodOf,
  listBackups,
  manifestName,
  readManifest,
  readProof,
  type NamedBackup,
} from './catalogue.ts';
import { leftoverMs, toRemove, type KeptBackup } from './retention.ts';
import type { Storage } from './storage/storage.ts';

export interface Pruned {
  /** Whole backups of this `who` that remain. */
  readonly kept: number;
  readonly removed: number;
}

export async function prune(storage: Storage, order: BackupOrder, now: Date): Promise<Pruned> {
  const folder = folderOf(order);
  const listed = await listBackups(storage, folder);
  const mine = listed.filter(({ who }) => who === order.who);
  const backups: KeptBackup[] = [];
  for (const backup of mine) backups.push(await known(storage, folder, backup));
  const going = new Set(
    toRemove({ backups, who: order.who, retention: order.retention, now, all: order.all === true }),
  );
  for (const backup of mine.filter(({ name }) => going.has(name))) await removeBackup(storage, folder, backup);
  await storage.sweep(folder, new Date(now.getTime() - leftoverMs));
  const whole = mine.filter((backup) => backup.whole);
  return { kept: whole.filter(({ name }) => !going.has(name)).length, removed: going.size };
}

async function known(storage: Storage, folder: string, backup: NamedBackup): Promise<KeptBackup> {
  const touchedAt = new Date(Math.max(...backup.objects.map(({ modified }) => modified.getTime())));
  const proof = await readProof(storage, backup);
  // One that can't be read stands for itself, so that it does not push out others.
  const uid = backup.whole
    ? await readManifest(storage, folder, backup.name).then(
        ({ manifest }) => manifest.database.uid,
        () => `unreadable ${backup.name}`,
      )
    : undefined;
  return { ...backup, touchedAt, uid, proven: proof?.ok === true, everProven: lastGoodOf(proof) !== undefined };
}

async function removeBackup(storage: Storage, folder: string, backup: NamedBackup): Promise<void> {
  const manifest = `${folder}${backup.name}/${manifestName}`;
  if (backup.whole) await storage.remove([manifest]);
  await storage.remove(backup.objects.map(({ path }) => path).filter((path) => path !== manifest));
  if (backup.proofPath !== undefined) await storage.remove([backup.proofPath]);
}
