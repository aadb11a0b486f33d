/** What a command may touch, so that a test can give it another world. */
import { readdir, readFile, stat } from 'node:fs/promises';

export interface CommandIo {
  readStdin(): Promise<string>;
  /** Rejects with the system's error when there is no such file. */
  readFile(path: string): Promise<string>;
  /** Names in a directory; undefined when the path is a file. Rejects when there is neither. */
  listDirectory(path: string): Promise<readonly string[] | undefined>;
  stdout(text: string): void;
  stderr(text: string): void;
  now(): Date;
  /** Of this program. */
  version(): Promise<string>;
}

/** The real one. */
export const processIo = (): CommandIo => ({
  readStdin,
  readFile: (path) => readFile(path, 'utf8'),
  listDirectory: async (path) => ((await stat(path)).isDirectory() ? await readdir(path) : undefined),
  stdout: (text) => void process.stdout.write(text),
  stderr: (text) => void process.stderr.write(text),
  now: () => new Date(),
  version: async () => {
    const file = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
    return (JSON.parse(file) as { version: string }).version;
  },
});

async function readStdin(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks).toString('utf8');
}

/** Exit codes of the offline commands. */
export const exitOk = 0;
export const exitRefused = 1;
export const exitUsage = 2;
