/**
 * A server process that can't outlive us. Node has no way to ask the kernel for that, so a small shell stands between: it
 * holds the other end of our pipe, and when the pipe closes (we ended, however we ended) it kills the server and itself.
 * The shell leads its own process group, so Ctrl-C in a terminal reaches us alone and the stop stays orderly.
 */
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

export interface ServerProcess {
  readonly name: string;
  readonly running: boolean;
  /** SIGKILL to the server: its data is thrown away or was synced by the kernel. */
  kill(): Promise<void>;
  /** The last lines that it wrote. */
  logTail(): Promise<string>;
}

export interface ServerCommand {
  readonly name: string;
  readonly binary: string;
  readonly args: readonly string[];
  /** Standard output and error are appended here. */
  readonly logFile: string;
  /** Folder to remove when the parent is gone. */
  readonly removeWhenOrphaned?: string;
}

// $1 is the folder to remove or ''; the rest is the command. TERM kills the server and ends the shell only when the server is
// gone: a large process keeps its port for a moment after SIGKILL, and the next server of that port would be refused it.
const guard = `
folder=$1; shift
exec 3<&0
trap 'kill -9 "$server"' TERM
"$@" 3<&- & server=$!
( read -r _ <&3; kill -9 $$ "$server"; [ -z "$folder" ] || { sleep 0.5; rm -rf -- "$folder"; }; kill -9 0 ) &
watcher=$!
exec 3<&-
while kill -0 "$server" 2>/dev/null; do wait "$server"; code=$?; done
kill -9 "$watcher"
exit "\${code:-1}"
`;

export function startServer(command: ServerCommand): ServerProcess {
  const log = openSync(command.logFile, 'a', 0o600);
  const child = spawn(
    '/bin/sh',
    ['-c', guard, command.name, command.removeWhenOrphaned ?? '', command.binary, ...command.args],
    // No environment of ours: a proxy setting would bend the API server's calls to webhooks.
    { detached: true, stdio: ['pipe', log, log], env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin' } },
  );
  closeSync(log);
  let running = true;
  const exited = once(child, 'exit').finally(() => (running = false));
  // Not waited for everywhere; a failing start shows in `running` and in the log.
  exited.catch(() => undefined);
  child.unref();
  (child.stdin as unknown as { unref(): void }).unref();

  return {
    name: command.name,
    get running() {
      return running;
    },
    kill: async () => {
      if (!running || child.pid === undefined) return;
      child.ref();
      child.kill('SIGTERM');
      await exited;
      killGroup(child.pid);
    },
    logTail: async () => (await readFile(command.logFile, 'utf8')).split('\n').slice(-30).join('\n'),
  };
}

/** Whatever is left of a group whose leader has ended: a shell that was told to end before it could listen leaves its server. */
function killGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Removes `folder` when this process is gone, however it ended. `kill` what it answers to call that off. */
export const guardFolder = (folder: string): ServerProcess =>
  startServer({
    name: 'guard',
    binary: 'sleep',
    args: ['2147483647'],
    logFile: '/dev/null',
    removeWhenOrphaned: folder,
  });

/** Polls `probe` until it answers true; an error with the server's last lines when it ends or takes too long. */
export async function untilReady(
  server: ServerProcess,
  timeoutMs: number,
  probe: () => Promise<boolean>,
): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!(await probe().catch(() => false))) {
    if (!server.running) throw new Error(`${server.name} ended while starting:\n${await server.logTail()}`);
    if (Date.now() > end) {
      throw new Error(`${server.name} was not ready within ${timeoutMs / 1000} s:\n${await server.logTail()}`);
    }
    await delay(50);
  }
}

// Below the range from which Linux takes the ports of outgoing connections (ip_local_port_range, 32768 by default): while a
// server with a port of that range is down, a client that keeps dialling it can be given that very port, and holds it.
const lowestPort = 20_000;
const portsInRange = 12_000;

/**
 * A port that was free a moment ago on 127.0.0.1, and that stays its server's while that server is restarted.
 * @throws Error when forty ports in a row are taken
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 40; attempt += 1) {
    const port = lowestPort + randomInt(portsInRange);
    if (await isFree(port)) return port;
  }
  throw new Error('no free port on 127.0.0.1');
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
