/**
 * The verb `archive`: stores the log of changes piece by piece, as the server finishes them. It never ends by itself. A piece
 * that can't be had or stored is tried again; one that the server has given up before that is a gap, which no recovery gets
 * past: that is said until a backup from after it is there.
 */
import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { logHealthPort } from '../api/backup-order.ts';
import { BackupFault, type EngineLog, type LogReader, type LogState } from '../engines/backup.ts';
import { folderOf, listBackups, readManifest } from './catalogue.ts';
import { readKey, readPassword, type Job } from './context.ts';
import { lastGap, logRoot, storedPieces, storePiece, type LogStore } from './log-store.ts';
import type { Outcome } from './take.ts';

/** Between two looks at the server. */
const pauseMs = 5_000;
/** What was written is stored at the latest this long after, though its piece is not full. */
const longestPieceMs = 60_000;
/** Without a success for this long it is not ready. */
const staleMs = 90_000;

export interface Progress {
  readonly store: LogStore;
  readonly stored: ReadonlyMap<string, string>;
  /** First piece after a gap, until a backup begins there or later. */
  readonly gap: string | undefined;
  /** The gap that a backup has begun after. */
  readonly covered: string | undefined;
  readonly cutAt: string;
  readonly cutTime: number;
}

/** Rejects with the reason when the order can't be carried out at all. */
export async function archive(job: Job): Promise<Outcome> {
  const { order, say } = job;
  const { server } = order;
  const log = job.engine().log;
  if (server === undefined || log === undefined) {
    throw new BackupFault('InvalidOrder', `the order's field engine: ${order.engine} keeps no log that can be stored`);
  }
  const key = await readKey(order);
  const health = { goodAt: job.now().getTime(), gap: '' };
  const probe = createServer((_request, response) => {
    const isFresh = job.now().getTime() - health.goodAt < staleMs;
    response.writeHead(isFresh && health.gap === '' ? 200 : 503, { 'content-type': 'text/plain' });
    response.end(
      health.gap === '' ? (isFresh ? 'ok\n' : 'nothing was stored or looked at for too long\n') : health.gap,
    );
  }).listen(logHealthPort);
  let reader: LogReader | undefined;
  let progress: Progress | undefined;
  let complaint = '';
  try {
    for (;;) {
      try {
        reader ??= log.open({
          ...server,
          password: await readPassword(server.credentialsDirectory, 'superuser-password'),
        });
        progress = await pass(job, { log, reader, key }, progress);
        health.goodAt = job.now().getTime();
        health.gap = progress.gap === undefined ? '' : gapText(progress.gap);
        complaint = '';
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        if (why !== complaint) say(`the log is not stored just now: ${why}`);
        complaint = why;
        await reader?.close();
        reader = undefined;
      }
      await delay(pauseMs);
    }
  } finally {
    probe.close();
    await reader?.close();
  }
}

const gapText = (piece: string): string =>
  `the server had given up pieces of its log before ${piece} could be stored: moments from there on can be reached after the next backup\n`;

interface Tools {
  readonly log: EngineLog;
  readonly reader: LogReader;
  readonly key: Buffer | undefined;
}

/** One look at the server: stores what is whole, and cuts what has waited for long. */
export async function pass(job: Job, tools: Tools, before: Progress | undefined): Promise<Progress> {
  const { order, storage, say, now } = job;
  const { log, reader, key } = tools;
  const state = await reader.state();
  const store: LogStore = { storage, folder: `${logRoot(order)}${state.data}/`, key };
  const same = before?.store.folder === store.folder ? before : undefined;
  const stored = new Map(same?.stored ?? (await storedPieces(store)));
  const missing = state.pieces.filter((name) => !stored.has(name));
  // An agent that starts anew finds the gaps that the one before has left.
  const isNews = same === undefined || missing.length > 0 || same.gap !== undefined;
  const gaps = isNews ? await lookForGap(job, log, [...stored.keys(), ...missing], same) : same;
  for (const name of missing) {
    await storePiece(store, name, reader.read(name));
    stored.set(name, name);
    say(`stored ${name}`);
  }
  const { gap, covered } = gaps;
  return { store, stored, gap, covered, ...(await cutWhenDue(state, tools, same, now().getTime())) };
}

async function lookForGap(
  job: Job,
  log: EngineLog,
  names: readonly string[],
  before: Progress | undefined,
): Promise<Pick<Progress, 'gap' | 'covered'>> {
  const found = lastGap(log, names);
  if (found === undefined || found === before?.covered) return { gap: undefined, covered: before?.covered };
  if (await coveredFrom(job, log, found)) return { gap: undefined, covered: found };
  if (found !== before?.gap) job.say(gapText(found).trim());
  return { gap: found, covered: before?.covered };
}

/** A backup that needs nothing from before the gap. */
async function coveredFrom({ storage, order }: Job, log: EngineLog, gap: string): Promise<boolean> {
  const folder = folderOf(order);
  const newest = (await listBackups(storage, folder)).findLast(({ whole, who }) => whole && who === undefined);
  if (newest === undefined) return false;
  const { files } = (await readManifest(storage, folder, newest.name)).manifest;
  return files !== undefined && log.comparePieces(files.firstPiece, gap) >= 0;
}

async function cutWhenDue(
  { position }: LogState,
  { reader }: Tools,
  before: Progress | undefined,
  now: number,
): Promise<Pick<Progress, 'cutAt' | 'cutTime'>> {
  if (before !== undefined && (before.cutAt === position || now - before.cutTime < longestPieceMs)) {
    return { cutAt: before.cutAt, cutTime: before.cutAt === position ? now : before.cutTime };
  }
  return { cutAt: await reader.cut(), cutTime: now };
}
