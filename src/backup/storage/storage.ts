/** Where objects of backups lie. Paths are relative, with / between their parts. */

export interface StoredEntry {
  readonly path: string;
  readonly bytes: number;
  readonly modified: Date;
}

/** An object that is being written; it appears under its name only when it is whole. */
export interface ObjectWriter {
  /** Resolves when there is room for more. */
  write(chunk: Buffer): Promise<void>;
  finish(): Promise<void>;
  /** Leaves nothing behind as far as that can be done. Never rejects. */
  abort(): Promise<void>;
}

/** Every failure is a BackupFault; a path that does not exist is BackupNotFound. */
export interface Storage {
  /** For people: `s3://bucket/…` or a path. */
  where(path: string): string;
  create(path: string): Promise<ObjectWriter>;
  read(path: string): AsyncIterable<Buffer>;
  /** Everything below a path that ends with /. */
  list(below: string): Promise<readonly StoredEntry[]>;
  /** What is gone already is no failure. */
  remove(paths: readonly string[]): Promise<void>;
  /** Ends unfinished uploads below a path that began before that time; gives their number. */
  sweep(below: string, before: Date): Promise<number>;
}

/** A small object, whole. */
export async function readAll(storage: Storage, path: string, mostBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of storage.read(path)) {
    bytes += chunk.length;
    if (bytes > mostBytes) throw new Error(`${storage.where(path)} is longer than ${mostBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

export async function writeAll(storage: Storage, path: string, content: Buffer): Promise<void> {
  const writer = await storage.create(path);
  try {
    await writer.write(content);
    await writer.finish();
  } catch (error) {
    await writer.abort();
    throw error;
  }
}
