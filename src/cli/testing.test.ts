/** A world for the commands under test. */
import type { CommandIo } from './io.ts';

export interface World {
  readonly files?: Readonly<Record<string, string>>;
  readonly directories?: Readonly<Record<string, readonly string[]>>;
  readonly stdin?: string;
}

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command in a world of its own; its clock stands at the beginning of 2026. */
export async function run(
  command: (args: readonly string[], io: CommandIo) => Promise<number>,
  args: readonly string[],
  { files = {}, directories = {}, stdin = '' }: World = {},
): Promise<Ran> {
  let [out, err] = ['', ''];
  const missing = (path: string): Error => new Error(`ENOENT: no such file or directory, open '${path}'`);
  const io: CommandIo = {
    readStdin: () => Promise.resolve(stdin),
    readFile: (path) => (files[path] === undefined ? Promise.reject(missing(path)) : Promise.resolve(files[path])),
    listDirectory: (path) =>
      path in directories || path in files ? Promise.resolve(directories[path]) : Promise.reject(missing(path)),
    stdout: (text) => void (out += text),
    stderr: (text) => void (err += text),
    now: () => new Date('2026-01-01T00:00:00Z'),
    version: () => Promise.resolve('9.8.7'),
  };
  const code = await command(args, io);
  return { code, out, err };
}
