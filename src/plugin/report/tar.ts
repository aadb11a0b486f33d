/** Tar archives that come out the same for the same files: sorted, owned by root, dated 1970. Plain files only. */
import { createHash } from 'node:crypto';

export interface Entry {
  readonly path: string;
  readonly content: Uint8Array;
  readonly executable?: boolean;
}

const block = 512;

/** `entries` by path, absolute or relative; the folders they need come by themselves. Paths up to 255 bytes. */
export function tar(entries: readonly Entry[]): Buffer {
  const byPath = new Map(entries.map((entry) => [entry.path.replace(/^\//, ''), entry]));
  const folders = new Set([...byPath.keys()].flatMap(parents));
  const parts: Uint8Array[] = [];
  for (const path of [...folders, ...byPath.keys()].toSorted()) {
    const entry = byPath.get(path);
    if (entry === undefined) parts.push(header({ path: `${path}/`, type: '5', mode: 0o755, size: 0 }));
    else {
      const size = entry.content.length;
      parts.push(header({ path, type: '0', mode: entry.executable === true ? 0o755 : 0o644, size }), entry.content);
      parts.push(Buffer.alloc((block - (size % block)) % block));
    }
  }
  return Buffer.concat([...parts, Buffer.alloc(2 * block)]);
}

/** `sha256:…` */
export const digest = (content: Uint8Array): string => `sha256:${createHash('sha256').update(content).digest('hex')}`;

const parents = (path: string): readonly string[] => {
  const names = path.split('/').slice(0, -1);
  return names.map((_, index) => names.slice(0, index + 1).join('/'));
};

interface Header {
  readonly path: string;
  readonly type: '0' | '5';
  readonly mode: number;
  readonly size: number;
}

/** POSIX ustar. */
function header({ path, type, mode, size }: Header): Buffer {
  const [name, prefix] = split(path);
  const buffer = Buffer.alloc(block);
  const octal = (value: number, length: number): string => `${value.toString(8).padStart(length - 1, '0')}\0`;
  buffer.write(name, 0, 100);
  buffer.write(octal(mode, 8), 100);
  buffer.write(octal(0, 8), 108);
  buffer.write(octal(0, 8), 116);
  buffer.write(octal(size, 12), 124);
  buffer.write(octal(0, 12), 136);
  buffer.write(' '.repeat(8), 148);
  buffer.write(type, 156);
  buffer.write('ustar\0'.concat('00'), 257);
  buffer.write(prefix, 345, 155);
  const sum = buffer.reduce((total, byte) => total + byte, 0);
  buffer.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return buffer;
}

function split(path: string): readonly [name: string, prefix: string] {
  if (Buffer.byteLength(path) <= 100) return [path, ''];
  const at = path.indexOf('/', path.length - 101);
  if (at <= 0 || at > 155) throw new Error(`${path} is too long for a tar archive`);
  return [path.slice(at + 1), path.slice(0, at)];
}
