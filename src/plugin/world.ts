/** What the plugin's commands may touch, so that a test can give them another world. */
import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { processIo, type CommandIo } from '../cli/io.ts';
import type { Clock } from '../values/clock.ts';

export interface World extends CommandIo {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Of standard output; undefined: it goes to a file or another program. */
  readonly terminal: { readonly columns: number } | undefined;
  readonly stdinIsTerminal: boolean;
  /** Aborted when a person has enough of it. */
  readonly signal: AbortSignal;
  /** Rejects when there is such a file already. */
  writeNewFile(path: string, content: Uint8Array): Promise<void>;
  /** Lets another program have the terminal; answers its exit code. Rejects when there is no such program. */
  handOver(program: string, args: readonly string[]): Promise<number>;
}

/** The real one. */
export function processWorld(clock: Clock, env: NodeJS.ProcessEnv): World {
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort()).once('SIGTERM', () => stop.abort());
  return {
    ...processIo(),
    env,
    clock,
    terminal: process.stdout.isTTY ? { columns: process.stdout.columns } : undefined,
    stdinIsTerminal: process.stdin.isTTY,
    signal: stop.signal,
    // For its owner only: it tells much about a cluster.
    writeNewFile: (path, content) => writeFile(path, content, { flag: 'wx', mode: 0o600 }),
    handOver: (program, args) =>
      new Promise((resolve, reject) => {
        const child = spawn(program, args, { stdio: 'inherit' });
        // Ctrl-C is the other program's while it has the terminal.
        const ignore = (): void => undefined;
        process.on('SIGINT', ignore);
        child.once('error', reject);
        child.once('exit', (code, signal) => {
          process.off('SIGINT', ignore);
          resolve(signal === null ? (code ?? 1) : 130);
        });
      }),
  };
}
