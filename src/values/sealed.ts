/**
 * Encryption of a stream: AES-256-GCM in frames, so that nothing is let out before it is authenticated and nothing has to
 * be held. Each stream has a key of its own (HKDF of the user's key, a random salt and the stream's name); the nonce of a
 * frame is its number and whether it is the last, so frames can't be dropped, repeated, reordered or cut off.
 *
 * Bytes: `DBOPSEAL1\n`, salt (32), then frames: length of the cipher text (4, big-endian; highest bit: last frame),
 * cipher text, tag (16).
 */
import { createCipheriv, createDecipheriv, createHash, hkdfSync } from 'node:crypto';
import { zstdDecompressSync } from 'node:zlib';

const magic = Buffer.from('DBOPSEAL1\n');
const saltBytes = 32;
const tagBytes = 16;
const keyBytes = 32;
const lastBit = 0x8000_0000;
/** Plain bytes in a frame, at most. */
const frameBytes = 64 * 1024;

/** What the stream of the application's Secret is sealed as: JSON, name of a key → its value. */
export const secretStream = 'secret';

/** Content of a key file: 32 bytes, or their base64 or hex. Undefined: none of them. */
export function parseKey(content: Buffer): Buffer | undefined {
  if (content.length === keyBytes) return content;
  const text = content.toString('latin1').trim();
  if (/^[0-9A-Fa-f]{64}$/.test(text)) return Buffer.from(text, 'hex');
  const decoded = Buffer.from(text, 'base64');
  return /^[A-Za-z0-9+/_-]{43}=?$/.test(text) && decoded.length === keyBytes ? decoded : undefined;
}

/** Tells keys apart and says nothing about them. */
export const keyFingerprint = (key: Buffer): string =>
  createHash('sha256').update('database-operator key fingerprint\0').update(key).digest('hex').slice(0, 16);

const streamKey = (key: Buffer, salt: Buffer, name: string): Buffer =>
  Buffer.from(hkdfSync('sha256', key, salt, `database-operator backup ${name}`, keyBytes));

function nonceOf(frame: number, last: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUIntBE(frame, 5, 6);
  nonce[11] = last ? 1 : 0;
  return nonce;
}

/** `salt`: 32 random bytes, never used twice with one key. */
export async function* seal(
  chunks: AsyncIterable<Buffer>,
  { key, name, salt }: { readonly key: Buffer; readonly name: string; readonly salt: Buffer },
): AsyncGenerator<Buffer> {
  const own = streamKey(key, salt, name);
  let number = 0;
  const frame = (plain: Buffer, last: boolean): Buffer => {
    const cipher = createCipheriv('aes-256-gcm', own, nonceOf(number++, last));
    const header = Buffer.alloc(4);
    header.writeUInt32BE((plain.length | (last ? lastBit : 0)) >>> 0);
    return Buffer.concat([header, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  };
  yield Buffer.concat([magic, salt]);
  let held: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    for (; held.length > frameBytes; held = held.subarray(frameBytes)) yield frame(held.subarray(0, frameBytes), false);
  }
  yield frame(held, true);
}

/** Rejects with the words that `isWrongKey` knows when the key or the bytes are not the right ones. */
export async function* unseal(
  chunks: AsyncIterable<Buffer>,
  { key, name }: { readonly key: Buffer; readonly name: string },
): AsyncGenerator<Buffer> {
  let held: Buffer = Buffer.alloc(0);
  let own: Buffer | undefined;
  let number = 0;
  let ended = false;
  for await (const chunk of chunks) {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    if (own === undefined) {
      if (held.length < magic.length + saltBytes) continue;
      if (!held.subarray(0, magic.length).equals(magic)) throw new Error('not an encrypted stream');
      own = streamKey(key, held.subarray(magic.length, magic.length + saltBytes), name);
      held = held.subarray(magic.length + saltBytes);
    }
    while (held.length >= 4) {
      const header = held.readUInt32BE(0);
      const length = header & ~lastBit;
      if (length > frameBytes) throw new Error('a frame of the encrypted stream is not one');
      const end = 4 + length + tagBytes;
      if (held.length < end) break;
      if (ended) throw new Error('bytes follow the end of the encrypted stream');
      ended = header >= lastBit;
      yield openFrame(own, nonceOf(number++, ended), held.subarray(4, end));
      held = held.subarray(end);
    }
  }
  if (!ended || held.length > 0) throw new Error('the encrypted stream ends too early');
}

function openFrame(key: Buffer, nonce: Buffer, bytes: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, nonce);
  decipher.setAuthTag(bytes.subarray(bytes.length - tagBytes));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(0, bytes.length - tagBytes)), decipher.final()]);
  } catch (error) {
    throw new Error('a frame of the encrypted stream does not open: another key, or changed bytes', { cause: error });
  }
}

/** A small stream that was compressed and sealed, such as the application's Secret: what was in it. */
export async function openSealed(bytes: Buffer, key: Buffer, name: string): Promise<Buffer> {
  const opened: Buffer[] = [];
  for await (const chunk of unseal(once(bytes), { key, name })) opened.push(chunk);
  return zstdDecompressSync(Buffer.concat(opened), { maxOutputLength: 1024 * 1024 });
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield await Promise.resolve(bytes);
}
