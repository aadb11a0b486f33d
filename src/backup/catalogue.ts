/**
 * What is stored of one database: `<prefix><namespace>/<name>/<time>[-<who>]/` with a manifest, and `proofs/` beside
 * them. A folder without a manifest is a backup that did not end.
 */
import { createHash } from 'node:crypto';
import type { BackupManifest, BackupOrder, BackupProof, GoodProof } from '../api/backup-order.ts';
import { BackupFault } from '../engines/backup.ts';
import { readAll, writeAll, type Storage, type StoredEntry } from './storage/storage.ts';

export const manifestName = 'manifest.json';
const mostManifestBytes = 64 * 1024 * 1024;

/** Ends with /. */
export const folderOf = ({ prefix = '', database }: Pick<BackupOrder, 'prefix' | 'database'>): string =>
  `${prefix}${database.namespace}/${database.name}/`;

/** `20260102T030405Z-nightly` */
export const backupName = (time: Date, who: string | undefined): string =>
  `${time.toISOString().replace(/[-:]|\.\d+/g, '')}${who === undefined ? '' : `-${who}`}`;

const namePattern = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z(?:-(.+))?$/;

export interface NamedBackup {
  readonly name: string;
  readonly startedAt: Date;
  readonly who: string | undefined;
  readonly objects: readonly StoredEntry[];
  /** It has a manifest. */
  readonly whole: boolean;
  readonly proofPath: string | undefined;
}

/** Oldest first. */
export async function listBackups(storage: Storage, folder: string): Promise<readonly NamedBackup[]> {
  return groupBackups(folder, await storage.list(folder));
}

export function groupBackups(folder: string, entries: readonly StoredEntry[]): readonly NamedBackup[] {
  const groups = new Map<string, StoredEntry[]>();
  const proofs = new Map<string, string>();
  for (const entry of entries) {
    const [name = '', object = ''] = entry.path.slice(folder.length).split('/');
    if (name === 'proofs') proofs.set(object.replace(/\.json$/, ''), entry.path);
    else if (namePattern.test(name)) groups.set(name, [...(groups.get(name) ?? []), entry]);
  }
  return [...groups]
    .map(([name, objects]) => {
      const [, year, month, day, hour, minute, second, who] = namePattern.exec(name) ?? [];
      return {
        name,
        startedAt: new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`),
        who,
        objects,
        whole: objects.some(({ path }) => path === `${folder}${name}/${manifestName}`),
        proofPath: proofs.get(name),
      };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

export interface ReadManifest {
  readonly manifest: BackupManifest;
  /** `sha256:…` */
  readonly checksum: string;
}

export async function readManifest(storage: Storage, folder: string, name: string): Promise<ReadManifest> {
  const path = `${folder}${name}/${manifestName}`;
  const content = await readAll(storage, path, mostManifestBytes);
  const checksum = checksumOf(content);
  try {
    const manifest = JSON.parse(content.toString('utf8')) as BackupManifest;
    if ((manifest.formatVersion as number) !== 1) {
      const what = `${storage.where(path)} has format version ${manifest.formatVersion}: a newer operator wrote it`;
      throw new BackupFault('WrongVersion', what);
    }
    return { manifest, checksum };
  } catch (error) {
    if (error instanceof BackupFault) throw error;
    const what = `${storage.where(path)} is not a manifest`;
    throw new BackupFault('Corrupt', what, { failures: [{ kind: 'checksum', what }], cause: error });
  }
}

const checksumOf = (content: Buffer): string => `sha256:${createHash('sha256').update(content).digest('hex')}`;

/** Gives its `sha256:…`. */
export async function writeManifest(storage: Storage, folder: string, manifest: BackupManifest): Promise<string> {
  const content = Buffer.from(JSON.stringify(manifest));
  await writeAll(storage, `${folder}${manifest.name}/${manifestName}`, content);
  return checksumOf(content);
}

const proofPath = (folder: string, name: string): string => `${folder}proofs/${name}.json`;

/** A proof that fails tells of the last good one: that the backup could once be restored stays known. */
export async function writeProof(storage: Storage, { folder, named }: ProofPlace, proof: BackupProof): Promise<void> {
  const lastGood = proof.ok ? undefined : lastGoodOf(await readProof(storage, named));
  const kept = { ...proof, ...(lastGood !== undefined && { lastGood }) };
  await writeAll(storage, proofPath(folder, proof.backup), Buffer.from(JSON.stringify(kept)));
}

interface ProofPlace {
  readonly folder: string;
  readonly named: NamedBackup;
}

/** Undefined: it was never proven. */
export function lastGoodOf(proof: BackupProof | undefined): GoodProof | undefined {
  if (proof?.ok !== true) return proof?.lastGood;
  const { provenAt, restoreSeconds, serverVersion } = proof;
  return { provenAt, restoreSeconds, serverVersion };
}

/** Undefined: none, or it can't be read: then it proves nothing. */
export async function readProof(storage: Storage, { proofPath: path }: NamedBackup): Promise<BackupProof | undefined> {
  if (path === undefined) return undefined;
  try {
    return JSON.parse((await readAll(storage, path, mostManifestBytes)).toString('utf8')) as BackupProof;
  } catch {
    return undefined;
  }
}

/**
 * `wanted`: `latest`, a name, or a time: the newest that had begun then. Only whole ones count. With `who`, `latest` and
 * times look at that one's only.
 */
export function choose(
  backups: readonly NamedBackup[],
  wanted: string,
  who: string | undefined,
  where: string,
): NamedBackup {
  const whole = backups.filter((backup) => backup.whole);
  const named = whole.find(({ name }) => name === wanted);
  if (named !== undefined) return named;
  const time = wanted === 'latest' ? Infinity : Date.parse(wanted);
  const eligible = whole.filter((backup) => who === undefined || backup.who === who);
  const found = eligible.findLast(({ startedAt }) => startedAt.getTime() <= time);
  if (found !== undefined) return found;
  const last = whole.slice(-5).map(({ name }) => name);
  const have = last.length === 0 ? 'there is none at all' : `the newest are ${last.join(', ')}`;
  throw new BackupFault('BackupNotFound', `${where} holds no backup "${wanted}"; ${have}`);
}
