/** The check sum that Redis puts behind a value that is handed to RESTORE: CRC-64 (Jones), in two halves of 32 bits. */

const low = new Uint32Array(256);
const high = new Uint32Array(256);
// The polynomial 0xad93d23594c935a9, bits reversed.
const polynomialHigh = 0x95ac_9329;
const polynomialLow = 0xac4b_c9b5;
for (let byte = 0; byte < 256; byte++) {
  let l = byte;
  let h = 0;
  for (let bit = 0; bit < 8; bit++) {
    const odd = l & 1;
    l = ((l >>> 1) | (h << 31)) >>> 0;
    h >>>= 1;
    if (odd !== 0) {
      l = (l ^ polynomialLow) >>> 0;
      h = (h ^ polynomialHigh) >>> 0;
    }
  }
  low[byte] = l;
  high[byte] = h;
}

/** Eight bytes, little-endian. */
export function crc64(...parts: readonly Buffer[]): Buffer {
  let l = 0;
  let h = 0;
  for (const part of parts) {
    for (let at = 0; at < part.length; at++) {
      const index = (l ^ (part[at] ?? 0)) & 0xff;
      l = ((l >>> 8) | (h << 24)) ^ (low[index] ?? 0);
      h = (h >>> 8) ^ (high[index] ?? 0);
    }
  }
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(l >>> 0, 0);
  bytes.writeUInt32LE(h >>> 0, 4);
  return bytes;
}

/** What DUMP would have given: type, value, version of the format, check sum. */
export function restorePayload(type: number, raw: Buffer, version: number): Buffer {
  const head = Buffer.from([type]);
  const foot = Buffer.alloc(2);
  foot.writeUInt16LE(version);
  return Buffer.concat([head, raw, foot, crc64(head, raw, foot)]);
}
