/** Objects as files below a mounted volume. A file is filled beside its name, made durable, and renamed. */
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, rmdir, stat, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { BackupFault } from '../../engines/backup.ts';
import type { ObjectWriter, Storage, StoredEntry } from './storage.ts';

/** End of the name of a file that is being written. */
const unfinished = '.part';

export function directoryStorage(root: string): Storage {
  const full = (relative: string): string => path.join(root, relative);
  return {
    where: full,
    create: (relative) => create(full(relative)),
    read: (relative) => read(full(relative)),
    async list(below) {
      const entries = await walk(full(below), below).catch(fail(full(below)));
      return entries.filter((entry) => !entry.path.endsWith(unfinished));
    },
    async remove(relatives) {
      for (const relative of relatives) await rm(full(relative), { force: true }).catch(fail(full(relative)));
      for (const folder of new Set(relatives.map((relative) => path.dirname(full(relative))))) {
        // Not empty, or gone: both are right.
        if (folder !== root) await rmdir(folder).catch(() => undefined);
      }
    },
    async sweep(below, before) {
      const entries = await walk(full(below), below).catch(fail(full(below)));
      const old = entries.filter((entry) => entry.path.endsWith(unfinished) && entry.modified < before);
      await this.remove(old.map((entry) => entry.path));
      return old.length;
    },
  };
}

async function create(target: string): Promise<ObjectWriter> {
  const part = `${target}${unfinished}`;
  const folder = path.dirname(target);
  await mkdir(folder, { recursive: true, mode: 0o770 }).catch(fail(folder));
  const file: FileHandle = await open(part, 'w', 0o660).catch(fail(part));
  const drop = async (): Promise<void> => {
    await file.close().catch(() => undefined);
    await rm(part, { force: true }).catch(() => undefined);
  };
  return {
    async write(chunk) {
      // write() may take less than all of it, on a disk that is nearly full.
      for (let at = 0; at < chunk.length;) {
        at += (await file.write(chunk, at).catch(fail(target))).bytesWritten;
      }
    },
    async finish() {
      try {
        await file.sync();
        await file.close();
        await rename(part, target);
        await syncFolder(folder);
      } catch (error) {
        await drop();
        fail(target)(error);
      }
    },
    abort: drop,
  };
}

/** The new name is durable only when the folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function* read(file: string): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: 256 * 1024 })) yield chunk as Buffer;
  } catch (error) {
    fail(file)(error);
  }
}

async function walk(folder: string, below: string): Promise<StoredEntry[]> {
  const found: StoredEntry[] = [];
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  });
  for (const entry of entries) {
    const name = path.join(folder, entry.name);
    const relative = path.posix.join(below, entry.name);
    if (entry.isDirectory()) found.push(...(await walk(name, relative)));
    else if (entry.isFile()) {
      const { size, mtime } = await stat(name);
      found.push({ path: relative, bytes: size, modified: mtime });
    }
  }
  return found;
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

/** What the file system says, in terms of the volume. */
const fail =
  (file: string) =>
  (error: unknown): never => {
    const code = codeOf(error);
    if (error instanceof BackupFault || code === '') throw error;
    if (code === 'ENOENT') throw new BackupFault('BackupNotFound', `${file} does not exist`, { cause: error });
    if (code === 'ENOSPC' || code === 'EDQUOT') {
      throw new BackupFault('StorageFull', `the volume of backups is full (${file}): make it larger or keep fewer`, {
        cause: error,
      });
    }
    if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
      throw new BackupFault('StorageDenied', `${file} can't be written or read (${code}): check the volume's rights`, {
        cause: error,
      });
    }
    throw new BackupFault('StorageFailed', `${file}: ${code}`, { cause: error });
  };
