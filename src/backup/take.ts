/** The verb `backup`. The manifest is written last: an agent that ends before leaves nothing that counts. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { BackupManifest, BackupOrder, BackupResult, BackupStream } from '../api/backup-order.ts';
import { BackupFault, type BackupSession, type BackupSink } from '../engines/backup.ts';
import { keyFingerprint, secretStream } from '../values/sealed.ts';
import { backupName, folderOf, writeManifest } from './catalogue.ts';
import { totals } from './compare.ts';
import { logOf, readKey, readPassword, type Job } from './context.ts';
import { prune } from './prune.ts';
import type { Storage } from './storage/storage.ts';
import { storeStream, titleOf, type StreamTarget } from './streams.ts';

export type Outcome = Omit<BackupResult, 'verb' | 'startedAt' | 'endedAt'>;

export async function take(job: Job): Promise<Outcome> {
  const { order, storage, now, say } = job;
  const { server } = order;
  if (server === undefined) throw new BackupFault('InvalidOrder', "the order's field server is missing");
  const key = await readKey(order);
  const engine = job.engine();
  const password = await readPassword(server.credentialsDirectory, 'superuser-password');
  const exchange = await job.exchange();
  const session = engine.open({ host: server.host, port: server.port, password }, exchange);
  const folder = folderOf(order);
  const { name, startedAt } = await freeName(storage, folder, order, now);
  const target: StreamTarget = { storage, folder: `${folder}${name}/`, key };
  const stored: StoredStreams = { target, streams: [], say };
  try {
    const serverVersion = await session.version();
    say(`backing up ${serverVersion} to ${storage.where(target.folder)}`);
    const fingerprint = await session.take(sinkOf(stored));
    const files = order.files === true ? await session.files?.(sinkOf(stored)) : undefined;
    if (key !== undefined) await storeSecret(stored, order);
    const manifest: BackupManifest = {
      formatVersion: 1,
      name,
      ...(order.who !== undefined && { who: order.who }),
      ...{ database: order.database, engine: order.engine, serverVersion },
      ...(order.spec !== undefined && { spec: order.spec }),
      ...(order.application !== undefined && { application: order.application }),
      compression: 'zstd',
      ...(key !== undefined && { encryption: { kind: 'aes-256-gcm', keyFingerprint: keyFingerprint(key) } as const }),
      ...{ streams: stored.streams, fingerprint, startedAt: startedAt.toISOString(), endedAt: now().toISOString() },
      ...(files !== undefined && { files }),
    };
    const checksum = await writeManifest(storage, folder, manifest);
    return {
      ok: true,
      ...{ location: storage.where(`${folder}${name}`), backup: name, bytes: bytesOf(stored.streams), checksum },
      ...{ serverVersion, ...totals(fingerprint), ...(fingerprint.approximate && { approximate: true }) },
      ...(await pruned(job)),
    };
  } catch (error) {
    await discard(storage, target.folder);
    throw error;
  } finally {
    await closeQuietly(session);
  }
}

/** Two backups of one second would be one. */
async function freeName(
  storage: Storage,
  folder: string,
  { who }: BackupOrder,
  now: () => Date,
): Promise<{ readonly name: string; readonly startedAt: Date }> {
  for (;;) {
    const startedAt = now();
    const name = backupName(startedAt, who);
    if ((await storage.list(`${folder}${name}/`)).length === 0) return { name, startedAt };
    await delay(1000);
  }
}

interface StoredStreams {
  readonly target: StreamTarget;
  readonly streams: BackupStream[];
  readonly say: (text: string) => void;
}

function sinkOf({ target, streams, say }: StoredStreams): BackupSink {
  return {
    async put(stream, chunks) {
      const base = stream.kind === 'database' ? `${stream.kind}-${streams.length}` : stream.kind;
      const stored = await storeStream(target, base, stream, chunks).catch((error: unknown) => {
        if (error instanceof BackupFault) throw error;
        const why = error instanceof Error ? error.message : String(error);
        throw new BackupFault('DumpFailed', `${titleOf(stream)} could not be dumped: ${why}`, { cause: error });
      });
      streams.push(stored);
      say(`stored ${stream.kind} ${stream.database ?? ''}: ${stored.bytes} bytes dumped, ${bytesOf([stored])} stored`);
    },
  };
}

export const bytesOf = (streams: readonly BackupStream[]): number =>
  streams.flatMap(({ objects }) => objects).reduce((sum, { bytes }) => sum + bytes, 0);

async function storeSecret({ target, streams }: StoredStreams, order: BackupOrder): Promise<void> {
  const directory = order.applicationSecretDirectory;
  if (directory === undefined) return;
  // Names with two dots are the kubelet's own.
  const names = (await readdir(directory)).filter((name) => !name.startsWith('.'));
  const values = await Promise.all(names.map((name) => readFile(path.join(directory, name), 'utf8')));
  const content = Buffer.from(JSON.stringify(Object.fromEntries(names.map((name, index) => [name, values[index]]))));
  streams.push(await storeStream(target, secretStream, { kind: 'secret', format: 'json' }, chunk(content)));
}

async function* chunk(content: Buffer): AsyncGenerator<Buffer> {
  yield await Promise.resolve(content);
}

/** A backup is good even when older ones could not be removed; the next one tries again. */
async function pruned(job: Job): Promise<Pick<Outcome, 'kept' | 'removed' | 'warnings'>> {
  try {
    return await prune(job.storage, job.order, job.now(), logOf(job));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { warnings: [`older backups could not be removed: ${why}`] };
  }
}

/** What is left of it after this goes with a later backup. */
async function discard(storage: Storage, folder: string): Promise<void> {
  try {
    await storage.remove((await storage.list(folder)).map(({ path: object }) => object));
  } catch {
    // The storage may be what failed.
  }
}

export const closeQuietly = (session: BackupSession): Promise<void> => session.close().catch(() => undefined);
