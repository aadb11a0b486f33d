/** The servers that are compared, each pinned to the first core, with the same certificate. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { openConnection } from './connections.ts';

const root = path.resolve(import.meta.dirname, '../..');

export interface Server {
  readonly name: string;
  readonly port: number;
  readonly operationsPort: number | undefined;
  /** Seconds of processor time since its start. */
  processorTime(): number;
  residentMiB(): number;
  stop(): void;
}

const serverOf = (name: string, port: number, child: ChildProcess, operationsPort?: number): Server => ({
  name,
  port,
  operationsPort,
  processorTime: () => {
    const fields =
      readFileSync(`/proc/${child.pid ?? 0}/stat`, 'utf8')
        .split(') ')[1]
        ?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) / 100;
  },
  residentMiB: () => {
    const status = readFileSync(`/proc/${child.pid ?? 0}/status`, 'utf8');
    return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
  },
  stop: () => void child.kill('SIGKILL'),
});

const pinned = (command: readonly string[]): [string, ...string[]] => ['taskset', '-c', '0', ...command];

/** As it ships: the built program with its default flags, its log into a file of `scratch`. Leaves the certificate there. */
export async function startOurs(port: number, scratch: string): Promise<Server> {
  const flags = ['--controllers=false', '--tls=selfsigned', `--cert-dir=${scratch}`, '--webhook-host=127.0.0.1'];
  const ports = [`--port=${port}`, `--ops-port=${port + 1}`];
  const [command, ...args] = pinned([process.execPath, path.join(root, 'dist/main.js'), 'serve', ...flags, ...ports]);
  const log = openSync(path.join(scratch, 'log'), 'w');
  const child = spawn(command, args, { stdio: ['ignore', log, log] });
  return started(serverOf('database-operator', port, child, port + 1));
}

/** Undefined, with a word why, when its folder or a Go toolchain is not there. */
export async function startPeer(folder: string, port: number, scratch: string): Promise<Server | undefined> {
  if (!existsSync(path.join(folder, 'main.go'))) {
    process.stdout.write(`no Go peer in ${folder}: only ours is measured\n`);
    return undefined;
  }
  const binary = path.join(scratch, 'peer');
  const { status, stderr } = spawnSync('go', ['build', '-o', binary, '.'], { cwd: folder, encoding: 'utf8' });
  if (status !== 0) {
    process.stdout.write(`the Go peer is left out: ${stderr}\n`);
    return undefined;
  }
  const [command, ...args] = pinned([binary, scratch, String(port)]);
  const child = spawn(command, args, { stdio: 'ignore', env: { ...process.env, GOMAXPROCS: '1' } });
  return started(serverOf('go peer', port, child));
}

async function started(server: Server): Promise<Server> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const connection = await openConnection(server.port).catch(() => undefined);
    if (connection !== undefined) {
      connection.close();
      return server;
    }
    await delay(100);
  }
  server.stop();
  throw new Error(`${server.name} does not answer on port ${server.port}`);
}
