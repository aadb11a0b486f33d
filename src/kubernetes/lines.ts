/**
 * A watch is a stream of JSON documents, one on each line. Bytes arrive cut anywhere, also inside a character, so the
 * stream is split as bytes first and decoded line by line.
 */

/** etcd refuses objects above 1.5 MiB and the API server above 3 MiB; a line beyond this is a broken stream. */
export const MAX_LINE_BYTES = 16 * 1024 * 1024;

/** Yields complete lines without their end. Throws when a line grows too long or the stream ends in the middle of one. */
export async function* splitLines(
  chunks: AsyncIterable<Uint8Array>,
  maxLineBytes: number = MAX_LINE_BYTES,
): AsyncGenerator<string, void, undefined> {
  let parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      parts.push(chunk.subarray(start, end));
      start = end + 1;
      const line = Buffer.concat(parts).toString('utf8');
      parts = [];
      length = 0;
      if (line.trim() !== '') yield line;
    }
    if (start < chunk.length) {
      parts.push(chunk.subarray(start));
      length += chunk.length - start;
      if (length > maxLineBytes) throw new Error(`watch stream has a line of more than ${maxLineBytes} bytes`);
    }
  }
  if (Buffer.concat(parts).toString('utf8').trim() !== '') {
    throw new Error('watch stream ended in the middle of a line');
  }
}
