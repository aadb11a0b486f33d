import assert from 'node:assert/strict';
import { gunzipSync } from 'node:zlib';
import { crc64 } from './crc64.ts';
import { rdbFixture } from './rdb-fixture.ts';
import { inListpack, inZiplist } from './rdb-value.ts';
import { countKeys, readRdb, toCommands } from './rdb.ts';

const rdb = gunzipSync(Buffer.from(rdbFixture, 'base64'));

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}

async function summary(size: number): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {};
  for await (const record of readRdb(pieces(rdb, size))) {
    if (record.kind !== 'key') continue;
    const { database, key, expires, value, raw } = record.key;
    const content = value.text === undefined ? String(value.elements) : value.text.toString().slice(0, 9);
    const marks = `${expires === undefined ? '' : ' expires'}${value.fades === true ? ' fades' : ''}`;
    found[`${database} ${key.toString()}`] = `${value.kind} ${content}${marks}`;
    assert.ok(raw.length > 0);
  }
  return found;
}

const everything = {
  '0 plain': 'string hello',
  '0 number': 'string 12345',
  '0 long': 'string abcabcabc',
  '0 list': 'list 3',
  '0 biglist': 'list 200',
  '0 ints': 'set 3',
  '0 words': 'set 2',
  '0 bigset': 'set 600',
  '0 bigz': 'zset 600',
  '0 bighash': 'hash 600',
  '0 z': 'zset 2',
  '0 h': 'hash 2',
  '0 fade': 'hash 2 fades',
  '0 st': 'stream 2',
  '0 temp': 'string x expires',
  '3 other': 'string 1',
};

describe('an RDB stream', () => {
  for (const size of [1, 7, 1000, 1_000_000]) {
    it(`is understood in pieces of ${size} bytes`, async () => assert.deepEqual(await summary(size), everything));
  }

  it('is counted without what expires', async () => {
    const { databases } = await countKeys(pieces(rdb, 5000));
    assert.deepEqual([databases['0']?.['keys']?.rows, databases['3']?.['keys']?.rows], [13, 1]);
  });

  it('becomes commands that Redis takes', async () => {
    const all: Buffer[] = [];
    for await (const chunk of toCommands(pieces(rdb, 5000))) all.push(chunk);
    const text = Buffer.concat(all).toString('latin1');
    assert.equal(text.match(/\$7\r\nRESTORE\r\n/g)?.length, 16);
    assert.match(text, /SELECT\r\n\$1\r\n3\r\n/);
    assert.match(text, /\*4\r\n\$8\r\nFUNCTION\r\n\$4\r\nLOAD\r\n\$7\r\nREPLACE\r\n/);
    assert.equal(text.match(/ABSTTL/g)?.length, 1);
  });

  it('that ends too early is no dump, and neither is something else', async () => {
    await assert.rejects(countKeys(pieces(rdb.subarray(0, rdb.length - 60), 1000)), /ends too early/);
    await assert.rejects(countKeys(pieces(Buffer.from('-ERR not allowed\r\n'), 1000)), /not an RDB stream/);
  });

  it('has a check sum as Redis makes it', () => {
    assert.equal(crc64(Buffer.from('123456789')).readBigUInt64LE(), 0xe9c6d914c4b8d9can);
  });

  it('may hold lists too long for their header', () => {
    const entries = Buffer.concat(Array.from({ length: 70_000 }, () => Buffer.from([0x01, 0x01])));
    const listpack = Buffer.concat([Buffer.from([0, 0, 0, 0, 0xff, 0xff]), entries, Buffer.from([0xff])]);
    assert.equal(inListpack(listpack), 70_000);
    const items = Buffer.concat(Array.from({ length: 70_000 }, () => Buffer.from([0x02, 0xf2])));
    const ziplist = Buffer.concat([Buffer.alloc(8), Buffer.from([0xff, 0xff]), items, Buffer.from([0xff])]);
    assert.equal(inZiplist(ziplist), 70_000);
  });
});
