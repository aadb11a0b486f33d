import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { watchdog } from './watchdog.ts';

/** A boot script as small as can be: a "server" with a child of its own, and the real watchdog beside it. */
const script = (root: string, limit: number): string => `#!/bin/sh
set -u
topology=${root}/topology
state=${root}/state
say() { printf '%s\\n' "$*" >&2; }
takes_writes() { [ -e ${root}/writable ]; }
ping_member() { echo "ping $1" >>${root}/asked; [ ! -e ${root}/no-time ] || sleep 60; [ -e ${root}/peers-answer ]; }
${watchdog({ port: 5432, limit, round: 25 })}
stay_down_while_cut_off
sh -c 'setsid sleep 60 & echo $! >${root}/grandchild; wait' &
server=$!
watchdog &
code=0
wait "$server" || code=$?
cat ${root}/state/cut-off >${root}/termination-log
exit "$code"
`;

class Container {
  readonly root: string;
  child: ChildProcess | undefined;
  log = '';
  constructor(root: string) {
    this.root = root;
  }
  file = (...parts: string[]): string => path.join(this.root, ...parts);
  read = (name: string): Promise<string> => readFile(this.file(name), 'utf8').catch(() => '');
  flag = (name: string): Promise<void> => writeFile(this.file(name), '');
  unflag = (name: string): Promise<void> => rm(this.file(name), { force: true });
  async start(environment: Readonly<Record<string, string>> = {}, bin = '/usr/bin:/bin', limit = 1): Promise<void> {
    await writeFile(this.file('boot.sh'), script(this.root, limit));
    this.child = spawn('/bin/sh', [this.file('boot.sh')], {
      env: { PATH: bin, POD_NAME: 'orders-0', HEADLESS_SERVICE: 'orders-headless', ...environment },
      detached: true,
    });
    this.child.stderr?.on('data', (chunk: Buffer) => (this.log += chunk.toString()));
  }
  /** Exit code, or undefined when it still runs after so many milliseconds. */
  async ended(within: number): Promise<number | undefined> {
    const until = Date.now() + within;
    while (this.child?.exitCode === null && Date.now() < until) await delay(20);
    return this.child?.exitCode ?? undefined;
  }
  async clean(): Promise<void> {
    const grandchild = Number(await this.read('grandchild'));
    for (const pid of [-(this.child?.pid ?? 0), grandchild]) {
      try {
        if (pid !== 0) process.kill(pid, 'SIGKILL');
      } catch {
        continue; // Gone already.
      }
    }
    await delay(20);
    await rm(this.root, { recursive: true, force: true });
  }
}

const alive = (pid: number): Promise<boolean> =>
  readFile(`/proc/${pid}/stat`, 'utf8').then(
    (line) => !/\) Z /.test(line),
    () => false,
  );

/** PATH with nothing but these tools and, when asked for, a stand-in for nc that writes down whom it is asked for. */
async function imageWithout(container: Container, nc: boolean): Promise<string> {
  const bin = container.file('bin');
  await mkdir(bin);
  for (const tool of ['cat', 'rm', 'sleep', 'sh', 'setsid']) {
    const found = await stat(`/usr/bin/${tool}`).then(
      () => `/usr/bin/${tool}`,
      () => `/bin/${tool}`,
    );
    await symlink(found, path.join(bin, tool));
  }
  if (nc) {
    const text = `#!/bin/sh
echo "$*" >>${container.file('asked')}
sleep "$(cat ${container.file('slow')} 2>/dev/null || echo 0.05)"
case $4 in
  orders-*) [ -e ${container.file('peers-answer')} ] ;;
  *) [ -e ${container.file('api-answers')} ] ;;
esac
`;
    await writeFile(path.join(bin, 'nc'), text);
    await chmod(path.join(bin, 'nc'), 0o755);
  }
  return bin;
}

describe('the watchdog', function () {
  this.timeout(20_000);
  let container: Container;
  let server: Server | undefined;
  beforeEach(async () => {
    container = new Container(await mkdtemp(path.join(tmpdir(), 'watchdog-')));
    await Promise.all([mkdir(container.file('topology')), mkdir(container.file('state'))]);
    await writeFile(container.file('topology', 'members'), 'orders-0 orders-1 orders-2');
    await container.flag('writable');
  });
  afterEach(async () => {
    server?.close();
    server = undefined;
    await container.clean();
  });
  const members = (names: string): Promise<void> => writeFile(container.file('topology', 'members'), names);
  const apiServer = async (): Promise<Record<string, string>> => {
    const listening = createServer((socket) => socket.on('error', () => undefined));
    await new Promise<void>((done) => listening.listen(0, '127.0.0.1', done));
    server = listening;
    const address = listening.address();
    assert.ok(typeof address === 'object' && address !== null);
    return { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: String(address.port) };
  };

  it('kills a server that is cut off, with everything that descends from it, and says why', async () => {
    await container.start();
    assert.equal(await container.ended(5000), 137);
    const why = 'cut off: neither the API server nor a peer could be reached for 1 seconds, so writes were stopped';
    assert.equal(await container.read('termination-log'), why);
    const grandchild = Number(await container.read('grandchild'));
    assert.ok(grandchild > 1);
    assert.equal(await alive(grandchild), false, 'a process of a session of its own is killed, too');
    assert.match(container.log, /from now on bash checks/);
  });

  it('stays down after that until somebody can be reached', async function () {
    this.timeout(40_000);
    const environment = await apiServer();
    const listening = server;
    await container.start({ ...environment, KUBERNETES_SERVICE_PORT: '1' });
    assert.equal(await container.ended(5000), 137);
    await rm(container.file('grandchild'));
    await container.start({ ...environment, KUBERNETES_SERVICE_PORT: '1' });
    assert.equal(await container.ended(5000), undefined);
    assert.equal(await container.read('grandchild'), '', 'nothing runs');
    assert.match(container.log, /still cut off/);
    process.kill(-(container.child?.pid ?? 0), 'SIGKILL');
    assert.ok(listening?.listening);
    await container.start(environment);
    assert.equal(await container.ended(2000), undefined);
    assert.ok(Number(await container.read('grandchild')) > 1, 'the server runs');
  });

  it('leaves a server alone while the API server takes connections, and kills it soon after that ends', async () => {
    await container.start(await apiServer());
    assert.equal(await container.ended(2000), undefined);
    server?.close();
    assert.equal(await container.ended(5000), 137);
  });

  for (const [what, arrange] of [
    ['is read-only', () => container.unflag('writable')],
    ['has no peers', () => members('orders-0')],
    ['has no list of members', () => members('')],
  ] as const) {
    it(`leaves a server alone that ${what}`, async () => {
      await arrange();
      await container.start();
      assert.equal(await container.ended(2000), undefined);
    });
  }

  it('counts from the moment a server began to take writes', async () => {
    await container.unflag('writable');
    await container.start();
    assert.equal(await container.ended(1800), undefined);
    await container.flag('writable');
    assert.equal(await container.ended(500), undefined);
    assert.equal(await container.ended(4500), 137);
  });

  it('asks everybody by nc where there is no bash, then only the peer that answered', async () => {
    await container.flag('peers-answer');
    await container.start({ KUBERNETES_SERVICE_HOST: '10.0.0.1' }, await imageWithout(container, true));
    assert.equal(await container.ended(2200), undefined);
    assert.match(container.log, /from now on nc checks/);
    const asked = (await container.read('asked')).trim().split('\n');
    assert.deepEqual(asked.slice(0, 3).sort(), [
      '-z -w 2 10.0.0.1 443',
      '-z -w 2 orders-1.orders-headless 5432',
      '-z -w 2 orders-2.orders-headless 5432',
    ]);
    const later = new Set(asked.slice(3));
    assert.equal(later.size, 1, `one peer, not ${[...later].join(', ')}`);
    assert.match([...later][0] ?? '', /orders-[12]\.orders-headless 5432$/);
  });

  it('asks the API server again when that peer falls silent', async () => {
    await container.flag('peers-answer');
    await container.flag('api-answers');
    await container.start({ KUBERNETES_SERVICE_HOST: '10.0.0.1' }, await imageWithout(container, true), 2);
    assert.equal(await container.ended(1800), undefined);
    await container.unflag('peers-answer');
    assert.equal(await container.ended(2000), undefined);
    await container.unflag('api-answers');
    assert.equal(await container.ended(5000), 137);
  });

  it('falls back to the server’s own ping and says so', async () => {
    await container.flag('peers-answer');
    await container.start({ KUBERNETES_SERVICE_HOST: '10.0.0.1' }, await imageWithout(container, false));
    assert.equal(await container.ended(1800), undefined);
    assert.match(container.log, /from now on the server's own ping, which can't ask the API server, checks/);
    await container.unflag('peers-answer');
    assert.equal(await container.ended(5000), 137);
  });

  it('hears answers that come late, for the moment they were asked for', async () => {
    await container.flag('peers-answer');
    await writeFile(container.file('slow'), '0.7');
    await container.start({}, await imageWithout(container, true), 2);
    assert.equal(await container.ended(5000), undefined);
    await container.unflag('peers-answer');
    const since = performance.now();
    assert.equal(await container.ended(5000), 137);
    assert.ok(performance.now() - since < 3_300, 'no answer of before counts for later');
  });

  it('gives tries that had no time to run a quarter of the limit more, and no more', async () => {
    await container.flag('peers-answer');
    await container.start({}, await imageWithout(container, false), 4);
    assert.equal(await container.ended(1000), undefined);
    await container.flag('no-time');
    // The last contact was a round ago at most, and the tests' rounds are short.
    assert.equal(await container.ended(3600), undefined, 'starved is not cut off');
    assert.equal(await container.ended(3000), 137, 'but nobody may think that it is stopped while it is not');
  });

  it('looks once more when it could not look for as long as the limit', async () => {
    await container.start(await apiServer(), '/usr/bin:/bin', 4);
    await delay(1000);
    const pid = container.child?.pid ?? 0;
    process.kill(-pid, 'SIGSTOP');
    await delay(4100);
    process.kill(-pid, 'SIGCONT');
    assert.equal(await container.ended(2500), undefined);
    assert.ok(Number(await container.read('grandchild')) > 1);
  });

  it('stops a server that was frozen for longer than the limit as soon as it thaws', async () => {
    await container.start(await apiServer());
    await delay(700);
    const pid = container.child?.pid ?? 0;
    process.kill(-pid, 'SIGSTOP');
    await delay(1500);
    process.kill(-pid, 'SIGCONT');
    assert.equal(await container.ended(1500), 137);
  });
});
