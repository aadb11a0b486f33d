/** `kubectl-database` as its own process. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

const main = path.resolve(import.meta.dirname, '../../src/kubectl-database.ts');

export interface PluginRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface PluginOptions {
  readonly kubeconfig: string;
  readonly input?: string;
  /** Added to the environment, which else has PATH only. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

export interface RunningPlugin {
  readonly child: ChildProcess;
  readonly finished: Promise<PluginRun>;
  readonly stdout: () => string;
  readonly stderr: () => string;
}

export function startPlugin(
  args: readonly string[],
  { kubeconfig, env = {}, cwd, input }: PluginOptions,
): RunningPlugin {
  const child = spawn(process.execPath, [main, ...args], {
    env: { PATH: process.env['PATH'], KUBECONFIG: kubeconfig, ...env },
    ...(cwd !== undefined && { cwd }),
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  child.stdin.on('error', () => undefined);
  child.stdin.end(input ?? '');
  const finished = once(child, 'close').then(([code]) => ({ code: (code as number | null) ?? -1, stdout, stderr }));
  return { child, finished, stdout: () => stdout, stderr: () => stderr };
}

/** A non-zero exit is a value. */
export const runPlugin = (args: readonly string[], options: PluginOptions): Promise<PluginRun> =>
  startPlugin(args, options).finished;
