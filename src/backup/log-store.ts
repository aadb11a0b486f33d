/**
 * The log of changes as it is stored: `<prefix>.log/<namespace>/<name>/<data>/`, an object for each piece, compressed and
 * encrypted as the streams of a backup are. No namespace begins with a dot, so no backups lie there.
 */
import { pipeline } from 'node:stream/promises';
import { createZstdDecompress } from 'node:zlib';
import type { BackupOrder } from '../api/backup-order.ts';
import type { EngineLog } from '../engines/backup.ts';
import { unseal } from '../values/sealed.ts';
import { storeStream } from './streams.ts';
import type { Storage } from './storage/storage.ts';

/** Ends with /. */
export const logRoot = ({ prefix = '', database }: Pick<BackupOrder, 'prefix' | 'database'>): string =>
  `${prefix}.log/${database.namespace}/${database.name}/`;

export interface LogStore {
  readonly storage: Storage;
  /** Of one data; ends with /. */
  readonly folder: string;
  readonly key: Buffer | undefined;
}

const ending = /\.zst(\.enc)?$/;

/** Name of a piece → where it lies. */
export async function storedPieces({ storage, folder }: LogStore): Promise<Map<string, string>> {
  const entries = await storage.list(folder);
  return new Map(
    entries
      .filter(({ path }) => ending.test(path))
      .map(({ path }) => [path.slice(folder.length).replace(ending, ''), path]),
  );
}

export const storePiece = async (store: LogStore, name: string, chunks: AsyncIterable<Buffer>): Promise<void> => {
  await storeStream(store, name, { kind: 'server', format: 'log' }, chunks);
};

/** Rejects when it is not what was stored: each object ends with a check sum of its own. */
export async function* readPiece({ storage, key }: LogStore, name: string, path: string): AsyncGenerator<Buffer> {
  const bytes = storage.read(path);
  const plain = path.endsWith('.enc') && key !== undefined ? unseal(bytes, { key, name }) : bytes;
  const decompressor = createZstdDecompress();
  const fed = pipeline(plain, decompressor);
  fed.catch(() => undefined);
  yield* decompressor as AsyncIterable<Buffer>;
  await fed;
}

/** The last piece that is there, or will be, without the one before it. */
export function lastGap(log: EngineLog, names: readonly string[]): string | undefined {
  const pieces = names.filter((name) => log.isPiece(name)).sort((a, b) => log.comparePieces(a, b));
  return pieces.findLast((piece, index) => {
    const before = pieces[index - 1];
    return before !== undefined && log.comparePieces(piece, log.next(before)) > 0;
  });
}
