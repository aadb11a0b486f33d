/** Values of an RDB stream: read past them, and say what they are and how much they hold. */
import type { RdbReader } from './rdb-reader.ts';

export interface ValueSummary {
  readonly kind: 'string' | 'list' | 'set' | 'zset' | 'hash' | 'stream' | 'module';
  /** Of a string: what it is. */
  readonly text?: Buffer;
  /** Of everything else: how many elements it has. */
  readonly elements?: number;
  /** Parts of it expire by themselves. */
  readonly fades?: true;
}

type Read = (reader: RdbReader) => Promise<ValueSummary>;

/** By the number of the type. */
const types: ReadonlyMap<number, Read> = new Map<number, Read>([
  [0, async (reader) => ({ kind: 'string', text: await reader.string() })],
  [1, (reader) => strings(reader, 'list', 1)],
  [2, (reader) => strings(reader, 'set', 1)],
  [3, oldSortedSet],
  [4, (reader) => strings(reader, 'hash', 2)],
  [5, sortedSet],
  [7, module],
  [10, async (reader) => ({ kind: 'list', elements: inZiplist(await reader.string()) })],
  [11, async (reader) => ({ kind: 'set', elements: (await reader.string()).readUInt32LE(4) })],
  [12, async (reader) => ({ kind: 'zset', elements: inZiplist(await reader.string()) / 2 })],
  [13, async (reader) => ({ kind: 'hash', elements: inZiplist(await reader.string()) / 2 })],
  [14, quicklist],
  [15, (reader) => stream(reader, 1)],
  [16, async (reader) => ({ kind: 'hash', elements: inListpack(await reader.string()) / 2 })],
  [17, async (reader) => ({ kind: 'zset', elements: inListpack(await reader.string()) / 2 })],
  [18, quicklist2],
  [19, (reader) => stream(reader, 2)],
  [20, async (reader) => ({ kind: 'set', elements: inListpack(await reader.string()) })],
  [21, (reader) => stream(reader, 3)],
  [24, fadingHash],
  [25, fadingListpack],
]);

/** Rejects when this operator does not know the type. */
export async function readValue(reader: RdbReader, type: number): Promise<ValueSummary> {
  const read = types.get(type);
  if (read === undefined) throw new Error(`the RDB stream holds a value of type ${type}, which is not known here`);
  return read(reader);
}

async function strings(reader: RdbReader, kind: 'list' | 'set' | 'hash', each: number): Promise<ValueSummary> {
  const elements = await reader.length();
  for (let count = elements * each; count > 0; count--) await reader.string();
  return { kind, elements };
}

/** Scores as text, with lengths that stand for what is no number. */
async function oldSortedSet(reader: RdbReader): Promise<ValueSummary> {
  const elements = await reader.length();
  for (let count = elements; count > 0; count--) {
    await reader.string();
    const length = await reader.byte();
    if (length < 253) await reader.bytes(length);
  }
  return { kind: 'zset', elements };
}

async function sortedSet(reader: RdbReader): Promise<ValueSummary> {
  const elements = await reader.length();
  for (let count = elements; count > 0; count--) {
    await reader.string();
    await reader.bytes(8);
  }
  return { kind: 'zset', elements };
}

async function quicklist(reader: RdbReader): Promise<ValueSummary> {
  let elements = 0;
  for (let count = await reader.length(); count > 0; count--) elements += inZiplist(await reader.string());
  return { kind: 'list', elements };
}

async function quicklist2(reader: RdbReader): Promise<ValueSummary> {
  const plain = 1;
  let elements = 0;
  for (let count = await reader.length(); count > 0; count--) {
    const container = await reader.length();
    const node = await reader.string();
    elements += container === plain ? 1 : inListpack(node);
  }
  return { kind: 'list', elements };
}

async function fadingHash(reader: RdbReader): Promise<ValueSummary> {
  await reader.bytes(8);
  const elements = await reader.length();
  for (let count = elements; count > 0; count--) {
    await reader.length();
    await reader.string();
    await reader.string();
  }
  return { kind: 'hash', elements, fades: true };
}

async function fadingListpack(reader: RdbReader): Promise<ValueSummary> {
  await reader.bytes(8);
  return { kind: 'hash', elements: inListpack(await reader.string()) / 3, fades: true };
}

/** Three forms, each with more than the one before. */
async function stream(reader: RdbReader, form: 1 | 2 | 3): Promise<ValueSummary> {
  for (let count = await reader.length(); count > 0; count--) {
    await reader.string();
    await reader.string();
  }
  const elements = await reader.length();
  await lengths(reader, 2);
  if (form >= 2) await lengths(reader, 5);
  for (let groups = await reader.length(); groups > 0; groups--) {
    await reader.string();
    await lengths(reader, form >= 2 ? 3 : 2);
    for (let pending = await reader.length(); pending > 0; pending--) {
      await reader.bytes(16 + 8);
      await reader.length();
    }
    for (let consumers = await reader.length(); consumers > 0; consumers--) {
      await reader.string();
      await reader.bytes(form >= 3 ? 16 : 8);
      for (let pending = await reader.length(); pending > 0; pending--) await reader.bytes(16);
    }
  }
  return { kind: 'stream', elements };
}

async function lengths(reader: RdbReader, count: number): Promise<void> {
  for (; count > 0; count--) await reader.length();
}

async function module(reader: RdbReader): Promise<ValueSummary> {
  await reader.length();
  await skipModule(reader);
  return { kind: 'module' };
}

/** What a module wrote says of each part what it is, so it can be skipped without the module. */
export async function skipModule(reader: RdbReader): Promise<void> {
  for (;;) {
    const part = await reader.length();
    if (part === 0) return;
    if (part === 1 || part === 2) await reader.length();
    else if (part === 3) await reader.bytes(4);
    else if (part === 4) await reader.bytes(8);
    else if (part === 5) await reader.string();
    else throw new Error(`unknown part ${part} of a module's value in the RDB stream`);
  }
}

const unknownCount = 65_535;

/** Entries of a listpack; counted when there are too many for its header. */
export function inListpack(bytes: Buffer): number {
  const said = bytes.readUInt16LE(4);
  if (said !== unknownCount) return said;
  let count = 0;
  for (let at = 6; bytes[at] !== 0xff; count++) {
    const size = listpackEntry(bytes, at);
    at += size + backwardBytes(size);
  }
  return count;
}

/** Bytes of one entry without the length that stands after it. */
function listpackEntry(bytes: Buffer, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  if (first < 0xc0) return 1 + (first & 0x3f);
  if (first < 0xe0) return 2;
  if (first < 0xf0) return 2 + (((first & 0x0f) << 8) | (bytes[at + 1] ?? 0));
  if (first === 0xf0) return 5 + bytes.readUInt32LE(at + 1);
  const integers: Readonly<Record<number, number>> = { 0xf1: 3, 0xf2: 4, 0xf3: 5, 0xf4: 9 };
  const size = integers[first];
  if (size === undefined) throw new Error('a listpack of the RDB stream is not one');
  return size;
}

function backwardBytes(size: number): number {
  if (size <= 127) return 1;
  if (size < 16_384) return 2;
  if (size < 2_097_152) return 3;
  return size < 268_435_456 ? 4 : 5;
}

/** Entries of a ziplist, the form before listpacks. */
export function inZiplist(bytes: Buffer): number {
  const said = bytes.readUInt16LE(8);
  if (said !== unknownCount) return said;
  let count = 0;
  for (let at = 10; bytes[at] !== 0xff; count++) {
    at += bytes[at] === 0xfe ? 5 : 1;
    at += ziplistEntry(bytes, at);
  }
  return count;
}

function ziplistEntry(bytes: Buffer, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x40) return 1 + first;
  if (first < 0x80) return 2 + (((first & 0x3f) << 8) | (bytes[at + 1] ?? 0));
  if (first < 0xc0) return 5 + bytes.readUInt32BE(at + 1);
  const integers: Readonly<Record<number, number>> = { 0xc0: 3, 0xd0: 5, 0xe0: 9, 0xf0: 4, 0xfe: 2 };
  return integers[first] ?? 1;
}
