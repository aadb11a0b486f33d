/** The operator as its own process, the way a person runs it by hand; tests stop it, kill it and start it again. */
import { execFile, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Agent, get } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';

const repository = path.resolve(import.meta.dirname, '..');

export interface OperatorOptions {
  readonly kubeconfig: string;
  /** Under which the API server reaches this machine; goes into the certificate. */
  readonly host: string;
  readonly port: number;
  readonly operationsPort: number;
  readonly extra?: readonly string[];
  /** Where the certificate is kept (default: a folder of its own); `secret` as a pod does it. */
  readonly certificates?: 'folder' | 'secret';
  /** Default `src/main.ts`; measurements run what ships, `dist/main.js`. */
  readonly main?: string;
  /** Milliseconds that it has to become ready; 90 000. */
  readonly readyWithinMs?: number;
  /**
   * Command that runs another one where the operator is to live, such as inside the node of a cluster, from where it
   * reaches pods. Process numbers are those of that place.
   */
  readonly inside?: readonly [string, ...string[]];
}

export interface Operator {
  readonly pid: number;
  /** Milliseconds from the start of the process to the first 200 of /readyz. */
  readonly readyAfterMs: number;
  /** JSON lines so far. */
  log(): string;
  /** SIGTERM; answers the exit code. */
  stop(): Promise<number>;
  kill(): Promise<void>;
}

/** Starts `serve` with self-signed certificates and waits for /readyz. */
export async function startOperator(options: OperatorOptions): Promise<Operator> {
  const certificates = await mkdtemp(path.join(tmpdir(), 'database-operator-'));
  const { readyWithinMs = 90_000 } = options;
  const begin = performance.now();
  const place = options.inside === undefined ? here : elsewhere(options.inside);
  const child = place.spawn([process.execPath, ...commandLine(options, certificates)]);
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const exited = once(child, 'exit').then(([code]) => (code as number | null) ?? -1);
  const gone = exited.finally(() => rm(certificates, { recursive: true, force: true }));
  const signal = (name: NodeJS.Signals): void => place.signal(child, output, name);
  // A test that fails must not leave its operator behind.
  const end = (): void => signal('SIGKILL');
  process.once('exit', end);
  void gone.then(() => process.off('exit', end));

  while (!(await place.isReady(options.operationsPort))) {
    if (child.exitCode !== null) throw new Error(`the operator exited with ${child.exitCode}:\n${output}`);
    if (performance.now() - begin > readyWithinMs) {
      end();
      throw new Error(`the operator is not ready within ${readyWithinMs / 1000} s:\n${output.slice(-4000)}`);
    }
    await delay(20);
  }
  return {
    pid: child.pid ?? -1,
    readyAfterMs: Math.round(performance.now() - begin),
    log: () => output,
    stop: () => {
      signal('SIGTERM');
      return gone;
    },
    kill: async () => {
      end();
      await gone;
    },
  };
}

interface Place {
  spawn(command: readonly [string, ...string[]]): ChildProcess;
  signal(child: ChildProcess, output: string, name: NodeJS.Signals): void;
  /** /readyz of the operations port answers 200. */
  isReady(port: number): Promise<boolean>;
}

const stdio = ['ignore', 'pipe', 'pipe'] as const;

const here: Place = {
  spawn: ([command, ...args]) => spawn(command, args, { cwd: repository, stdio: [...stdio] }),
  signal: (child, _output, name) => void child.kill(name),
  isReady: async (port) => (await status(port, '/readyz')) === 200,
};

/** The child is the command that leads there: a signal to it would leave the operator alone, so that says its number first. */
function elsewhere([leader, ...leading]: readonly [string, ...string[]]): Place {
  return {
    spawn: (command) => {
      const args = [...leading, 'sh', '-c', 'echo "pid $$"; exec "$@"', 'sh', ...command];
      return spawn(leader, args, { cwd: repository, stdio: [...stdio] });
    },
    signal: (child, output, name) => {
      const pid = /^pid (\d+)$/m.exec(output)?.[1];
      // An exit handler has no time to wait in, hence the synchronous call.
      if (pid !== undefined && child.exitCode === null && child.signalCode === null)
        spawnSync(leader, [...leading, 'kill', `-${name.slice(3)}`, pid], { stdio: 'ignore' });
    },
    isReady: (port) =>
      new Promise((resolve) => {
        const curl = ['curl', '-skf', '-o', '/dev/null', '--max-time', '1', `https://127.0.0.1:${port}/readyz`];
        execFile(leader, [...leading, ...curl], (error) => resolve(error === null));
      }),
  };
}

const commandLine = (options: OperatorOptions, certificates: string): readonly string[] => [
  options.main ?? 'src/main.ts',
  'serve',
  '--kubeconfig',
  options.kubeconfig,
  '--tls',
  'selfsigned',
  ...(options.certificates === 'secret' ? [] : ['--cert-dir', certificates]),
  '--port',
  String(options.port),
  '--ops-port',
  String(options.operationsPort),
  '--webhook-host',
  options.host,
  ...(options.extra ?? []),
];

/** HTTP status of the operations server, 0 when it does not answer. */
function status(port: number, route: string): Promise<number> {
  const agent = new Agent({ rejectUnauthorized: false, keepAlive: false });
  return new Promise((resolve) => {
    const request = get({ host: '127.0.0.1', port, path: route, agent, timeout: 1000 }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(0));
  });
}
