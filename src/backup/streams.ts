/**
 * The way of a stream to the storage and back: compressed, encrypted when there is a key, cut into objects, with check
 * sums of what is stored and of what was dumped. Nobody on the way holds more than a few chunks.
 */
import { createHash, randomBytes, type Hash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { constants, createZstdCompress, createZstdDecompress } from 'node:zlib';
import type { BackupFailure, BackupStream, StoredObject } from '../api/backup-order.ts';
import { BackupFault, type StreamName } from '../engines/backup.ts';
import { seal, unseal } from '../values/sealed.ts';
import type { ObjectWriter, Storage } from './storage/storage.ts';

export interface StreamTarget {
  readonly storage: Storage;
  /** Ends with /. */
  readonly folder: string;
  readonly key: Buffer | undefined;
}

/** An object of S3 has at most 10000 parts of 5 MiB. */
const mostObjectBytes = 40 * 1024 ** 3;

/** `base` is the name of the objects without their number. */
export async function storeStream(
  target: StreamTarget,
  base: string,
  stream: StreamName,
  chunks: AsyncIterable<Buffer>,
): Promise<BackupStream> {
  const plain = createHash('sha256');
  let bytes = 0;
  const counted = async function* (): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      plain.update(chunk);
      bytes += chunk.length;
      yield chunk;
    }
  };
  const { key } = target;
  const name = objectName(base, key !== undefined);
  const compressor = createZstdCompress({ params: { [constants.ZSTD_c_checksumFlag]: 1 } });
  const objects = new Objects(target, name);
  try {
    await pipeline(counted(), compressor, async (compressed: AsyncIterable<Buffer>) => {
      const out = key === undefined ? compressed : seal(compressed, { key, name: base, salt: randomBytes(32) });
      for await (const chunk of out) await objects.write(chunk);
    });
    return { ...stream, objects: await objects.finish(), bytes, sha256: plain.digest('hex') };
  } catch (error) {
    await objects.abort();
    throw error;
  }
}

const objectName = (base: string, encrypted: boolean): string => `${base}.zst${encrypted ? '.enc' : ''}`;

/** Cuts what is written into objects of a bearable size. */
class Objects {
  readonly #target: StreamTarget;
  readonly #name: string;
  readonly #done: StoredObject[] = [];
  #current: { writer: ObjectWriter; hash: Hash; bytes: number } | undefined;

  constructor(target: StreamTarget, name: string) {
    this.#target = target;
    this.#name = name;
  }

  async write(chunk: Buffer): Promise<void> {
    if (this.#current !== undefined && this.#current.bytes + chunk.length > mostObjectBytes) await this.#close();
    this.#current ??= {
      writer: await this.#target.storage.create(`${this.#target.folder}${this.#nextName()}`),
      hash: createHash('sha256'),
      bytes: 0,
    };
    this.#current.hash.update(chunk);
    this.#current.bytes += chunk.length;
    await this.#current.writer.write(chunk);
  }

  async finish(): Promise<readonly StoredObject[]> {
    await this.#close();
    return this.#done;
  }

  async abort(): Promise<void> {
    await this.#current?.writer.abort();
  }

  async #close(): Promise<void> {
    if (this.#current === undefined) return;
    const { writer, hash, bytes } = this.#current;
    await writer.finish();
    this.#done.push({ name: this.#nextName(), bytes, sha256: hash.digest('hex') });
    this.#current = undefined;
  }

  #nextName(): string {
    return this.#done.length === 0 ? this.#name : `${this.#name}.${this.#done.length}`;
  }
}

/** What was dumped. When it can't be had, the stored objects are read again to their ends, to name what is wrong. */
export async function* loadStream(source: StreamTarget, stream: BackupStream): AsyncGenerator<Buffer> {
  const plain = createHash('sha256');
  const decompressor = createZstdDecompress();
  const fed = pipeline(decrypted(source, stream), decompressor);
  fed.catch(() => undefined);
  let delivered = false;
  try {
    for await (const chunk of decompressor as AsyncIterable<Buffer>) {
      plain.update(chunk);
      yield chunk;
    }
    delivered = true;
    await fed;
  } catch (error) {
    throw await explain(source, stream, error);
  } finally {
    if (!delivered) decompressor.destroy();
  }
  if (plain.digest('hex') !== stream.sha256) {
    const what = `${titleOf(stream)} is not what was dumped`;
    throw new BackupFault('Corrupt', what, { failures: [{ kind: 'checksum', what }] });
  }
}

const decrypted = (source: StreamTarget, stream: BackupStream): AsyncIterable<Buffer> => {
  const stored = storedBytes(source, stream);
  if (source.key === undefined) return stored;
  return unseal(stored, { key: source.key, name: baseOf(stream) });
};

/** What the stream was sealed as. */
export const baseOf = (stream: BackupStream): string => (stream.objects[0]?.name ?? '').replace(/\.zst(\.enc)?$/, '');

async function* storedBytes({ storage, folder }: StreamTarget, stream: BackupStream): AsyncGenerator<Buffer> {
  for (const { name } of stream.objects) yield* storage.read(`${folder}${name}`);
}

export const titleOf = ({ kind, database }: StreamName): string =>
  database === undefined ? `the stream of the ${kind}` : `the stream of the database ${database}`;

async function explain(source: StreamTarget, stream: BackupStream, error: unknown): Promise<BackupFault> {
  const failures: BackupFailure[] = [];
  for (const object of stream.objects) {
    const failure = await examine(source, object);
    if (failure !== undefined) failures.push(failure);
  }
  if (failures.length > 0) {
    return new BackupFault('Corrupt', failures.map(({ what }) => what).join('; '), { failures, cause: error });
  }
  if (error instanceof BackupFault) return error;
  const why = error instanceof Error ? error.message : String(error);
  const what = `${titleOf(stream)} can't be read though its objects are unchanged: ${why}`;
  return new BackupFault('Corrupt', what, { failures: [{ kind: 'checksum', what }], cause: error });
}

/** Undefined: it is what the manifest says. */
export async function examine(
  { storage, folder }: StreamTarget,
  { name, bytes, sha256 }: StoredObject,
): Promise<BackupFailure | undefined> {
  const path = `${folder}${name}`;
  const hash = createHash('sha256');
  let found = 0;
  try {
    for await (const chunk of storage.read(path)) {
      found += chunk.length;
      hash.update(chunk);
    }
  } catch (error) {
    if (!(error instanceof BackupFault) || error.reason !== 'BackupNotFound') throw error;
    return { kind: 'missing-object', what: `${storage.where(path)} is gone` };
  }
  if (found < bytes) {
    return { kind: 'truncated', what: `${storage.where(path)} has ${found} of its ${bytes} bytes` };
  }
  if (found === bytes && hash.digest('hex') === sha256) return undefined;
  return { kind: 'checksum', what: `${storage.where(path)} was changed after it was written: its check sum differs` };
}
