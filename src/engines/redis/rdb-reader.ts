/** Reads the parts that an RDB stream is made of, one after the other, holding a chunk of it at most. */

export class RdbReader {
  readonly #chunks: AsyncIterator<Buffer>;
  #cursor: Buffer = Buffer.alloc(0);
  #at = 0;
  /** Where in the cursor a capture began or goes on; undefined: none. */
  #mark: number | undefined;
  #captured: Buffer[] = [];

  constructor(chunks: AsyncIterable<Buffer>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** Raw bytes of everything that is read until `captured`. */
  capture(): void {
    this.#mark = this.#at;
    this.#captured = [];
  }

  captured(): Buffer {
    const rest = this.#cursor.subarray(this.#mark, this.#at);
    this.#mark = undefined;
    const all = this.#captured.length === 0 ? rest : Buffer.concat([...this.#captured, rest]);
    this.#captured = [];
    return all;
  }

  async bytes(length: number): Promise<Buffer> {
    if (this.#cursor.length - this.#at < length) await this.#fill(length);
    const found = this.#cursor.subarray(this.#at, this.#at + length);
    this.#at += length;
    return found;
  }

  async byte(): Promise<number> {
    return (await this.bytes(1))[0] ?? 0;
  }

  /** A length that is one; special encodings of strings are no lengths. */
  async length(): Promise<number> {
    const first = await this.byte();
    const found = await this.#lengthAfter(first);
    if (found === undefined) throw new Error(`not a length in the RDB stream: ${first}`);
    return found;
  }

  /** A string however it is packed. */
  async string(): Promise<Buffer> {
    const first = await this.byte();
    const length = await this.#lengthAfter(first);
    if (length !== undefined) return this.bytes(length);
    switch (first & 0x3f) {
      case 0:
        return Buffer.from(String((await this.bytes(1)).readInt8()));
      case 1:
        return Buffer.from(String((await this.bytes(2)).readInt16LE()));
      case 2:
        return Buffer.from(String((await this.bytes(4)).readInt32LE()));
      case 3: {
        const packed = await this.length();
        const plain = await this.length();
        return unpackLzf(await this.bytes(packed), plain);
      }
      default:
        throw new Error(`unknown encoding of a string in the RDB stream: ${first}`);
    }
  }

  /** What follows the end, which redis-cli does not take off; and whoever checks the whole stream sees all of it. */
  async drain(): Promise<void> {
    while ((await this.#chunks.next()).done !== true);
  }

  async #lengthAfter(first: number): Promise<number | undefined> {
    const kind = first >> 6;
    if (kind === 0) return first & 0x3f;
    if (kind === 1) return ((first & 0x3f) << 8) | (await this.byte());
    if (first === 0x80) return (await this.bytes(4)).readUInt32BE();
    if (first === 0x81) return Number((await this.bytes(8)).readBigUInt64BE());
    return undefined;
  }

  async #fill(length: number): Promise<void> {
    if (this.#mark !== undefined) {
      this.#captured.push(this.#cursor.subarray(this.#mark, this.#at));
      this.#mark = 0;
    }
    const parts = [this.#cursor.subarray(this.#at)];
    let have = parts[0]?.length ?? 0;
    while (have < length) {
      const next = await this.#chunks.next();
      if (next.done === true) throw new Error('the RDB stream ends too early');
      parts.push(next.value);
      have += next.value.length;
    }
    this.#cursor = Buffer.concat(parts, have);
    this.#at = 0;
  }
}

/** LZF, as Redis packs long strings. */
export function unpackLzf(packed: Buffer, length: number): Buffer {
  const plain = Buffer.alloc(length);
  let from = 0;
  let to = 0;
  while (from < packed.length) {
    const control = packed[from++] ?? 0;
    if (control < 32) {
      to += packed.copy(plain, to, from, from + control + 1);
      from += control + 1;
      continue;
    }
    let count = control >> 5;
    if (count === 7) count += packed[from++] ?? 0;
    let source = to - ((control & 0x1f) << 8) - (packed[from++] ?? 0) - 1;
    // Byte by byte: source and target may overlap.
    for (count += 2; count > 0; count--) plain[to++] = plain[source++] ?? 0;
  }
  return plain;
}
