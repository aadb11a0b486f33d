/**
 * The verb `recover`: a copy of the files onto an empty volume, then the log of changes from there to the moment that was asked
 * for. The engine's own server replays it, in the engine's container, and asks for one piece at a time. Until its end the
 * volume holds nothing under the name that servers start from, so whatever ends it, the next try begins anew.
 */
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { BackupFault } from '../engines/backup.ts';
import { readKey, type Job } from './context.ts';
import { find, sourceOf } from './find.ts';
import { lastGap, logRoot, readPiece, storedPieces, type LogStore } from './log-store.ts';
import { bytesOf, type Outcome } from './take.ts';

const lookMs = 20;
/** What PostgreSQL says when its log ends before the moment. */
const endedEarly = /recovery ended before configured recovery target was reached/;

/** `exchangeDirectory` is shared with the engine's container. */
export async function recover(job: Job, exchangeDirectory: string): Promise<Outcome> {
  const { order, storage, say } = job;
  const { moment, application } = order;
  if (moment === undefined || application === undefined) {
    throw new BackupFault('InvalidOrder', "the order's fields moment and application are needed by recover");
  }
  const began = performance.now();
  const found = await find(job);
  const { manifest, checksum, folder } = found;
  const copy = manifest.streams.find(({ kind }) => kind === 'files');
  if (manifest.files === undefined || copy === undefined) {
    throw new BackupFault('BackupNotFound', `${manifest.name} holds no copy of the files`);
  }
  const source = await sourceOf(job, found);
  const tools = await job.exchange();
  const location = storage.where(`${folder}${manifest.name}`);
  const outcome = (warnings: readonly string[]): Outcome => ({
    ok: true,
    ...{ location, backup: manifest.name, bytes: bytesOf(manifest.streams), checksum },
    ...{ serverVersion: manifest.serverVersion, warnings },
    restoreSeconds: Math.round(performance.now() - began) / 1000,
  });
  const mark = `${location} ${moment}`;
  const place = await tools.run('begin', [mark]);
  if (place === 'complete') return outcome(['it was restored already']);
  if (place !== 'ready') {
    throw new BackupFault('NotEmpty', 'the volume holds data of a server already: restore into a new Database');
  }
  say(`unpacking the files of ${location}`);
  await tools.input('unpack', [], source.read(copy));
  const store = { storage, folder: `${logRoot(order)}${manifest.files.data}/`, key: await readKey(order) };
  const pieces = await storedPieces(store);
  say(`replaying the log to ${moment}: ${pieces.size} pieces are stored`);
  const server = servePieces(path.join(exchangeDirectory, 'log'), { store, pieces, say });
  try {
    const gap = gapAfter(job, manifest.files.firstPiece, [...pieces.keys()]);
    const warnings = await replay({ moment, gap }, (args) => Promise.race([tools.run('replay', args), server.failed]));
    await tools.run('settle', [mark, application.database, application.username]);
    return outcome(warnings);
  } finally {
    await server.stop();
  }
}

/** Where the log that a copy needs is broken off, though there is more of it. */
function gapAfter(job: Job, firstPiece: string, names: readonly string[]): string | undefined {
  const log = job.engine().log;
  if (log === undefined) return undefined;
  return lastGap(
    log,
    names.filter((name) => log.isPiece(name) && log.comparePieces(name, firstPiece) >= 0),
  );
}

/**
 * A moment after the last change is reached by replaying everything: nothing is known to have happened between the two. Where
 * pieces are missing in the middle something has, and nobody is given older data than was asked for.
 */
async function replay(
  { moment, gap }: { readonly moment: string; readonly gap: string | undefined },
  run: (args: readonly string[]) => Promise<string>,
): Promise<readonly string[]> {
  try {
    await run([moment]);
    return [];
  } catch (error) {
    if (error instanceof BackupFault || !endedEarly.test(String(error))) throw asFault(error);
    if (gap !== undefined) {
      const what = `the stored log lacks what came before ${gap}, so ${moment} can't be reached: choose a moment before that`;
      throw new BackupFault('MomentNotCovered', what, { cause: error });
    }
  }
  const last = await run(['']).catch((error: unknown) => {
    throw asFault(error);
  });
  return [
    `the stored log ends before ${moment}: everything in it was restored, the last change is of ${last || 'the backup'}`,
  ];
}

function asFault(error: unknown): BackupFault {
  if (error instanceof BackupFault) return error;
  const why = error instanceof Error ? error.message : String(error);
  return new BackupFault('RestoreFailed', `the engine could not replay the log: ${why}`, { cause: error });
}

interface Serving {
  readonly store: LogStore;
  readonly pieces: ReadonlyMap<string, string>;
  readonly say: (text: string) => void;
}

/**
 * The engine's side makes `NAME.wanted` and waits until that is gone: then `NAME` is there, or there is no such piece.
 * `failed` rejects when a piece could not be read: the engine must not take that for the end of the log.
 */
function servePieces(
  directory: string,
  { store, pieces, say }: Serving,
): { readonly failed: Promise<never>; stop(): Promise<void> } {
  let stopped = false;
  const failure = Promise.withResolvers<never>();
  failure.promise.catch(() => undefined);
  const serve = async (): Promise<void> => {
    await mkdir(directory, { recursive: true, mode: 0o770 });
    while (!stopped) {
      const wanted = (await readdir(directory)).filter((name) => name.endsWith('.wanted'));
      for (const request of wanted) {
        const name = request.replace(/\.wanted$/, '');
        const at = pieces.get(name);
        if (at !== undefined) {
          const file = path.join(directory, `${name}.part`);
          await pipeline(readPiece(store, name, at), createWriteStream(file));
          await rename(file, path.join(directory, name));
          say(`replaying ${name}`);
        }
        await rm(path.join(directory, request));
      }
      await delay(lookMs);
    }
  };
  const serving = serve().catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    failure.reject(
      error instanceof BackupFault ? error : new BackupFault('Corrupt', `the stored log can't be read: ${why}`),
    );
  });
  return {
    failed: failure.promise,
    async stop() {
      stopped = true;
      await serving;
    },
  };
}
