/**
 * An RDB stream, record by record: what every backup of Redis is made of. Keys are counted from it, so the count is of the
 * very moment of the dump; and a restore turns it into RESTORE commands, which a running server takes from anybody, at its
 * own pace, and hands on to its replicas and its log. The largest single value is held in memory.
 */
import { createHash } from 'node:crypto';
import type { BackupFingerprint, TableFingerprint } from '../../api/backup-order.ts';
import { restorePayload } from './crc64.ts';
import { RdbReader } from './rdb-reader.ts';
import { readValue, skipModule, type ValueSummary } from './rdb-value.ts';

export interface RdbKey {
  readonly database: number;
  readonly key: Buffer;
  /** Milliseconds since 1970. */
  readonly expires: bigint | undefined;
  readonly type: number;
  /** As RESTORE wants it, without the type, version and check sum. */
  readonly raw: Buffer;
  readonly value: ValueSummary;
}

export type RdbRecord =
  | { readonly kind: 'key'; readonly key: RdbKey }
  /** Source text of a library of functions. */
  | { readonly kind: 'function'; readonly code: Buffer }
  | { readonly kind: 'version'; readonly version: number };

const opcodes = {
  ...{ slot: 0xf4, function: 0xf5, moduleAux: 0xf7, idle: 0xf8, frequency: 0xf9, aux: 0xfa },
  ...{ resize: 0xfb, expireMs: 0xfc, expireSeconds: 0xfd, select: 0xfe, end: 0xff },
} as const;

export async function* readRdb(chunks: AsyncIterable<Buffer>): AsyncGenerator<RdbRecord> {
  const reader = new RdbReader(chunks);
  const header = (await reader.bytes(9)).toString('latin1');
  const version = Number(/^REDIS(\d{4})$/.exec(header)?.[1]);
  if (!(version > 0)) throw new Error('not an RDB stream');
  yield { kind: 'version', version };
  let database = 0;
  let expires: bigint | undefined;
  for (;;) {
    const code = await reader.byte();
    if (code === opcodes.end) break;
    if (code === opcodes.select) database = await reader.length();
    else if (code === opcodes.expireMs) expires = (await reader.bytes(8)).readBigInt64LE();
    else if (code === opcodes.expireSeconds) expires = BigInt((await reader.bytes(4)).readInt32LE()) * 1000n;
    else if (code === opcodes.function) yield { kind: 'function', code: await reader.string() };
    else if (code >= opcodes.slot) await skip(reader, code);
    else {
      const key = Buffer.from(await reader.string());
      reader.capture();
      const value = await readValue(reader, code);
      yield { kind: 'key', key: { database, key, expires, type: code, raw: reader.captured(), value } };
      expires = undefined;
    }
  }
  await reader.bytes(8);
  await reader.drain();
}

async function skip(reader: RdbReader, code: number): Promise<void> {
  switch (code) {
    case opcodes.slot:
      for (let count = 3; count > 0; count--) await reader.length();
      return;
    case opcodes.moduleAux:
      await reader.length();
      return skipModule(reader);
    case opcodes.idle:
      await reader.length();
      return;
    case opcodes.frequency:
      await reader.byte();
      return;
    case opcodes.aux:
      await reader.string();
      await reader.string();
      return;
    case opcodes.resize:
      await reader.length();
      await reader.length();
      return;
    default:
      throw new Error(`the RDB stream holds a record ${code}, which is not known here`);
  }
}

/** Key of the operator's own: which restore has begun. */
export const markKey = 'database_operator_restore';

export const method = 'redis/keys/1';

/**
 * Keys that stay, by database; those that expire, wholly or in part, may be gone when somebody compares. Of strings the
 * content counts, of everything else the number of elements: their order inside the server is not the same twice.
 */
export async function countKeys(chunks: AsyncIterable<Buffer>): Promise<BackupFingerprint> {
  const sums = new Map<number, { rows: number; sum: bigint }>();
  for await (const record of readRdb(chunks)) {
    if (record.kind !== 'key') continue;
    const { database, key, expires, value } = record.key;
    if (expires !== undefined || value.fades === true || key.toString('latin1') === markKey) continue;
    const found = sums.get(database) ?? { rows: 0, sum: 0n };
    sums.set(database, { rows: found.rows + 1, sum: found.sum + hashOf(key, value) });
  }
  const databases = [...sums].map(([database, { rows, sum }]): [string, Record<string, TableFingerprint>] => [
    String(database),
    { keys: { rows, checksum: sum.toString() } },
  ]);
  return { method, databases: Object.fromEntries(databases) };
}

function hashOf(key: Buffer, { kind, text, elements }: ValueSummary): bigint {
  const hash = createHash('sha1')
    .update(`${key.length} ${kind} ${elements ?? ''} `)
    .update(key);
  if (text !== undefined) hash.update(text);
  return hash.digest().readBigUInt64BE();
}

/** Commands for `redis-cli --pipe`. */
export async function* toCommands(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let version = 0;
  let database = 0;
  let held: Buffer[] = [];
  let bytes = 0;
  const add = (command: readonly (string | Buffer)[]): void => {
    for (const part of encode(command)) {
      held.push(part);
      bytes += part.length;
    }
  };
  for await (const record of readRdb(chunks)) {
    if (record.kind === 'version') version = record.version;
    else if (record.kind === 'function') add(['FUNCTION', 'LOAD', 'REPLACE', record.code]);
    else {
      const { key } = record;
      if (key.key.toString('latin1') === markKey) continue;
      if (key.database !== database) add(['SELECT', String(key.database)]);
      database = key.database;
      const payload = restorePayload(key.type, key.raw, version);
      const time = key.expires === undefined ? ['0'] : [String(key.expires), payload, 'ABSTTL'];
      add(['RESTORE', key.key, ...(key.expires === undefined ? [...time, payload] : time)]);
    }
    if (bytes < 64 * 1024) continue;
    yield Buffer.concat(held, bytes);
    held = [];
    bytes = 0;
  }
  yield Buffer.concat(held, bytes);
}

function encode(command: readonly (string | Buffer)[]): readonly Buffer[] {
  return [
    Buffer.from(`*${command.length}\r\n`),
    ...command.flatMap((word) => {
      const bytes = typeof word === 'string' ? Buffer.from(word) : word;
      return [Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n')];
    }),
  ];
}
