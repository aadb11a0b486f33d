import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort, startServer, untilReady } from './process.ts';

describe('server processes', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(path.join(tmpdir(), 'process-'))));
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const shell = (script: string): Parameters<typeof startServer>[0] => ({
    name: 'server',
    binary: '/bin/sh',
    args: ['-c', script],
    logFile: path.join(folder, 'log'),
  });
  // A dead process that init has not collected yet is dead all the same.
  const alive = (pid: number): boolean => {
    const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
    return stdout.trim() !== '' && !stdout.startsWith('Z');
  };
  const pidIn = async (file: string): Promise<number> => {
    for (;;) {
      const text = await readFile(file, 'utf8').catch(() => '');
      if (text.endsWith('\n')) return Number(text);
      await delay(5);
    }
  };
  const gone = async (pid: number): Promise<boolean> => {
    for (let tries = 0; tries < 200 && alive(pid); tries++) await delay(10);
    return !alive(pid);
  };

  it('shows what a server that ended at once had to say', async () => {
    const server = startServer(shell('echo port is taken >&2; exit 3'));
    await assert.rejects(
      untilReady(server, 2000, () => Promise.resolve(false)),
      /server ended while starting:\n[^]*port is taken/,
    );
  });

  it('shows what a server that never became ready had to say', async () => {
    const server = startServer(shell('echo thinking; exec sleep 100'));
    await assert.rejects(
      untilReady(server, 100, () => Promise.reject(new Error('refused'))),
      /not ready within 0.1 s/,
    );
    await server.kill();
  });

  it('kills the server itself before it says so, so that its port is free', async () => {
    const pidFile = path.join(folder, 'pid');
    const server = startServer(shell(`echo $$ > ${pidFile}; exec sleep 100`));
    const pid = await pidIn(pidFile);
    assert.equal(server.running, true);
    await server.kill();
    assert.equal(server.running, false);
    assert.equal(alive(pid), false);
    await server.kill();
  });

  it('ends, and its folder goes, when the parent is killed', async () => {
    const data = path.join(folder, 'data');
    await mkdir(data);
    const pidFile = path.join(folder, 'pid');
    const command = { ...shell(`echo $$ > ${pidFile}; exec sleep 100`), removeWhenOrphaned: data };
    const script = path.join(folder, 'parent.ts');
    const module = path.join(import.meta.dirname, 'process.ts');
    await writeFile(
      script,
      `import { startServer } from ${JSON.stringify(module)};
startServer(${JSON.stringify(command)});
setInterval(() => {}, 1000);`,
    );
    const parent = spawn(process.execPath, [script], { stdio: 'ignore' });
    const pid = await pidIn(pidFile);
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    assert.ok(await gone(pid), 'the server outlived its parent');
    for (let tries = 0; tries < 200 && existsSync(data); tries++) await delay(10);
    assert.equal(existsSync(data), false);
  });

  it('finds ports that are free', async () => {
    const port = await freePort();
    assert.ok(port > 0 && port < 65_536);
  });
});
