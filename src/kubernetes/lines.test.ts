import assert from 'node:assert/strict';
import fc from 'fast-check';
import { splitLines } from './lines.ts';

async function* chunked(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
  let start = 0;
  for (let index = 0; start < bytes.length; index += 1) {
    const size = Math.max(1, sizes[index % sizes.length] ?? 1);
    yield bytes.subarray(start, start + size);
    start += size;
  }
}

const collect = async (stream: AsyncIterable<string>): Promise<string[]> => {
  const lines: string[] = [];
  for await (const line of stream) lines.push(line);
  return lines;
};

describe('splitLines', () => {
  it('gives the same lines wherever the bytes are cut, also inside a character', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: 'grapheme' }).map((text) => `x${text.replaceAll(/[\n\r]/g, '')}`)),
        fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
        async (lines, sizes) => {
          const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
          assert.deepEqual(await collect(splitLines(chunked(bytes, sizes))), lines);
        },
      ),
    ));

  it('passes over empty lines and carriage returns', async () => {
    assert.deepEqual(await collect(splitLines(chunked(Buffer.from('{}\r\n\n\r\n{}\n'), [3]))), ['{}\r', '{}']);
  });

  it('reports a stream that ends in the middle of a line, after the complete ones', async () => {
    const seen: string[] = [];
    await assert.rejects(async () => {
      for await (const line of splitLines(chunked(Buffer.from('{"a":1}\n{"b'), [4]))) seen.push(line);
    }, /ended in the middle of a line/);
    assert.deepEqual(seen, ['{"a":1}']);
  });

  it('refuses a line that never ends instead of holding it', async () => {
    await assert.rejects(collect(splitLines(chunked(Buffer.alloc(100, 'x'), [10]), 50)), /more than 50 bytes/);
  });

  it('accepts a long line below the limit in many chunks', async () => {
    const line = 'é'.repeat(200_000);
    assert.deepEqual(await collect(splitLines(chunked(Buffer.from(`${line}\n`), [4097]))), [line]);
  });
});
