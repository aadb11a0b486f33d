import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { zstdCompressSync } from 'node:zlib';
import { keyFingerprint, openSealed, parseKey, seal, unseal } from './sealed.ts';

const key = Buffer.alloc(32, 7);
const name = 'server';

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}

async function joined(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  const all: Buffer[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}

const sealed = (plain: Buffer, size = 50_000): Promise<Buffer> =>
  joined(seal(pieces(plain, size), { key, name, salt: randomBytes(32) }));
const opened = (bytes: Buffer, with_ = key, as = name, size = 9_999): Promise<Buffer> =>
  joined(unseal(pieces(bytes, size), { key: with_, name: as }));

describe('sealed streams', () => {
  for (const length of [0, 1, 65_535, 65_536, 65_537, 131_072, 1_000_003]) {
    it(`come back as they were, ${length} bytes`, async () => {
      const plain = randomBytes(length);
      assert.ok((await opened(await sealed(plain))).equals(plain));
    });
  }

  it('let nothing out that was changed, cut off, moved or added to', async () => {
    const plain = randomBytes(300_000);
    const bytes = await sealed(plain);
    const frame = 4 + 65_536 + 16;
    const start = 42;
    const flipped = Buffer.from(bytes);
    flipped[150_000]! ^= 1;
    const swapped = Buffer.concat([
      bytes.subarray(0, start),
      bytes.subarray(start + frame, start + 2 * frame),
      bytes.subarray(start, start + frame),
      bytes.subarray(start + 2 * frame),
    ]);
    await assert.rejects(opened(flipped), /another key, or changed bytes/);
    await assert.rejects(opened(swapped), /another key, or changed bytes/);
    await assert.rejects(opened(bytes.subarray(0, start + 2 * frame)), /ends too early/);
    await assert.rejects(opened(bytes.subarray(0, bytes.length - 1)), /ends too early/);
    await assert.rejects(opened(Buffer.concat([bytes, bytes.subarray(start)])), /follow the end/);
    await assert.rejects(opened(bytes, Buffer.alloc(32, 8)), /another key/);
    await assert.rejects(opened(bytes, key, 'accounts'), /another key/);
    await assert.rejects(opened(plain), /not an encrypted stream/);
  });

  it('of a Secret are opened whole', async () => {
    const content = Buffer.from('{"password":"p"}');
    assert.deepEqual(await openSealed(await sealed(zstdCompressSync(content)), key, name), content);
  });
});

describe('keys', () => {
  const cases: readonly (readonly [string, Buffer, boolean])[] = [
    ['32 bytes', key, true],
    ['base64', Buffer.from(`${key.toString('base64')}\n`), true],
    ['hex', Buffer.from(key.toString('hex')), true],
    ['31 bytes', key.subarray(1), false],
    ['a password', Buffer.from('correct horse battery staple'), false],
    ['nothing', Buffer.alloc(0), false],
  ];
  for (const [title, content, good] of cases) {
    it(`${good ? 'may' : "can't"} be ${title}`, () => assert.deepEqual(parseKey(content), good ? key : undefined));
  }

  it('are told apart by 16 digits that say nothing of them', () => {
    assert.match(keyFingerprint(key), /^[0-9a-f]{16}$/);
    assert.notEqual(keyFingerprint(key), keyFingerprint(Buffer.alloc(32, 8)));
  });
});
