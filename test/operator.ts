/** The operator as its own process, the way a person runs it by hand; tests stop it, kill it and start it again. */
import { spawn, type ChildProcess } from 'node:child_process';
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
  const begin = performance.now();
  const child: ChildProcess = spawn(process.execPath, [...commandLine(options, certificates)], {
    cwd: repository,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const exited = once(child, 'exit').then(([code]) => (code as number | null) ?? -1);
  const gone = exited.finally(() => rm(certificates, { recursive: true, force: true }));
  // A test that fails must not leave its operator behind.
  const end = (): void => void child.kill('SIGKILL');
  process.once('exit', end);
  void gone.then(() => process.off('exit', end));

  while ((await status(options.operationsPort, '/readyz')) !== 200) {
    if (child.exitCode !== null) throw new Error(`the operator exited with ${child.exitCode}:\n${output}`);
    if (performance.now() - begin > 20_000) {
      end();
      throw new Error(`the operator is not ready within 20 s:\n${output.slice(-4000)}`);
    }
    await delay(20);
  }
  return {
    pid: child.pid ?? -1,
    readyAfterMs: Math.round(performance.now() - begin),
    log: () => output,
    stop: () => {
      child.kill('SIGTERM');
      return gone;
    },
    kill: async () => {
      end();
      await gone;
    },
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
