/** The program as it is run: commands, start, readiness, drain and signals of the real process. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:https';
import { readFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { reviewOf } from '../test/support/webhook-server.ts';

const main = path.join(import.meta.dirname, 'main.ts');

interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Running {
  readonly child: ChildProcess;
  readonly finished: Promise<Run>;
  stdout(): string;
}

function start(args: readonly string[], env: NodeJS.ProcessEnv = {}): Running {
  const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const finished = once(child, 'close').then(([code]) => ({ code: code as number | null, stdout, stderr }));
  return { child, finished, stdout: () => stdout };
}

const run = (args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Run> => start(args, env).finished;

/** User and system time of a process in milliseconds; 0 where there is no /proc. Fields 14 and 15 of proc(5) stat, in 10 ms. */
async function cpuMs(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const [user = '0', system = '0'] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13);
  return 10 * (Number(user) + Number(system));
}

describe('command line', function () {
  this.timeout(20_000);
  const children: ChildProcess[] = [];
  const agent = new Agent({ keepAlive: true, rejectUnauthorized: false });

  const call = (
    port: number,
    route: string,
    body?: string,
  ): Promise<{ status: number; text: string; connection: string }> =>
    new Promise((resolve, reject) => {
      const method = body === undefined ? 'GET' : 'POST';
      const headers = { 'content-type': 'application/json' };
      request({ host: '127.0.0.1', port, path: route, method, headers, agent }, (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, text, connection: String(response.headers.connection) }),
        );
      })
        .on('error', reject)
        .end(body);
    });
  const isReady = (port: number): Promise<boolean> =>
    call(port, '/readyz').then(
      ({ status }) => status === 200,
      () => false,
    );
  const serve = async (...extra: string[]): Promise<Running & { port: number; opsPort: number; readyMs: number }> => {
    const began = performance.now();
    const running = start(['serve', '--controllers=false', '--tls=selfsigned', '--port=0', '--ops-port=0', ...extra]);
    children.push(running.child);
    for (let attempt = 0; attempt < 400; attempt++) {
      const [, port, opsPort] = /"port":(\d+),"opsPort":(\d+),"message":"serving"/.exec(running.stdout()) ?? [];
      const ready = opsPort !== undefined && (await isReady(Number(opsPort)));
      if (ready)
        return { ...running, port: Number(port), opsPort: Number(opsPort), readyMs: performance.now() - began };
      if (running.child.exitCode !== null) break;
      await delay(10);
    }
    throw new Error(`not ready: ${JSON.stringify(await running.finished)}`);
  };

  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    agent.destroy();
  });

  it('is ready without a cluster for little CPU, and goes with 0 on SIGTERM', async () => {
    const { child, port, opsPort, readyMs, finished } = await serve('--drain-quiet=300ms');
    // The clock would judge what else the machine has to do. Reading the types off our files is about half of this.
    const spentMs = await cpuMs(child.pid ?? 0);
    assert.ok(spentMs < 3_000, `ready for ${spentMs} ms of CPU`);
    const status = await readFile(`/proc/${child.pid ?? 0}/status`, 'utf8').catch(() => '');
    const resident = Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
    process.stdout.write(
      `      ready after ${Math.round(readyMs)} ms, ${spentMs} ms of CPU, ${resident} MiB resident, types stripped at run time\n`,
    );
    assert.match((await call(opsPort, '/metrics')).text, /webhook_cert_not_after_seconds [1-9]/);
    assert.match((await call(port, '/validate', reviewOf('u'))).text, /request\.operation/);

    child.kill('SIGTERM');
    await delay(50);
    assert.equal((await call(opsPort, '/readyz')).status, 503);
    const during = await call(port, '/validate', reviewOf('u'));
    assert.equal(during.connection, 'close', 'still served, but not again on this connection');
    const { code, stdout, stderr } = await finished;
    assert.equal(code, 0, stderr);
    assert.equal(stderr, '');
    for (const line of stdout.trim().split('\n')) assert.ok(JSON.parse(line));
    assert.match(stdout, /"message":"stopped"/);
    assert.doesNotMatch(stdout, /PRIVATE KEY/);
  });

  it('second-sigterm: exits 1 on a second signal', async () => {
    const { child, finished } = await serve('--drain-quiet=30s');
    child.kill('SIGTERM');
    await delay(100);
    child.kill('SIGTERM');
    assert.equal((await finished).code, 1);
  });

  it('does not wait for silence when a person stops it', async () => {
    const { child, finished } = await serve('--drain-quiet=30s');
    child.kill('SIGINT');
    assert.equal((await finished).code, 0);
  });

  it('tells all faults of the flags and exits 2', async () => {
    const { code, stderr, stdout } = await run(['serve', '--port=x', '--tls=y']);
    assert.equal(code, 2);
    assert.match(stderr, /--tls.*\n--port/);
    assert.equal(stdout, '');
  });

  it('needs a cluster for controllers, and says how to do without', async () => {
    const { code, stderr } = await run(['serve', '--tls=selfsigned', '--port=0', '--ops-port=0']);
    assert.equal(code, 1);
    assert.match(stderr, /--kubeconfig.*--controllers=false/);
  });

  it('names the flag of a port that is taken', async () => {
    const taken = createServer().listen(0);
    const { port } = taken.address() as AddressInfo;
    const flags = ['--controllers=false', '--ops-port=0', `--port=${port}`, '--cert-dir=/nowhere'];
    const { code, stderr } = await run(['serve', ...flags]);
    taken.close();
    assert.equal(code, 1);
    assert.match(stderr, /can't listen on \*:\d+ \(--port\)/);
  });

  for (const [args, code, pattern] of [
    [[], 0, /Usage:/],
    [['help'], 0, /validate/],
    [['serve', '--help'], 0, /--watch-namespace/],
    [['plan', '--help'], 0, /--old FILE/],
    [['version'], 0, /^\d+\.\d+\.\d+/],
    [['--version'], 0, /^\d+\.\d+\.\d+/],
    [['cron', '0 2 * * *', '--after', '2026-01-01T00:00:00Z', '-n', '1', '-o', 'json'], 0, /2026-01-01T02:00:00Z/],
  ] as const) {
    it(`answers "${args.join(' ')}"`, async () => {
      const done = await run(args);
      assert.equal(done.code, code, done.stderr);
      assert.match(done.stdout, pattern);
    });
  }

  it('refuses an unknown command with 2', async () => {
    const { code, stderr } = await run(['srve']);
    assert.equal(code, 2);
    assert.match(stderr, /unknown command "srve"/);
  });
});
