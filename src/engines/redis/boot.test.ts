import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, stat } from 'node:fs/promises';
import { BootPod } from '../../../test/support/boot-pod.ts';
import { bootScript } from './boot.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** `running` appears once the server would answer, and holds the file that it was started with. */
const server = `case $* in *--version*) echo "Redis server v=$VERSION sha=00000000:0 malloc=jemalloc bits=64"; exit 0 ;; esac
trap 'echo TERM >>"$CALLS"; exit 0' TERM
cp "$1" "$STATE/serving"
while [ ! -e "$STATE/crash" ]; do sleep 0.05; done
exit 3`;

/** Writes down what it was told on standard input; arguments are not written down, they hold no answer. */
const cli = `[ -e "$STATE/serving" ] || exit 1
case $* in
  *PING) echo PONG ;;
  *'INFO replication') printf 'role:master\\r\\nmaster_replid:%s\\r\\n' "$(cat "$STATE/id")" ;;
  *EVAL*) while :; do cat "$STATE/line" 2>/dev/null; sleep 0.1; done ;;
  *'ACL SETUSER database_operator_volume'*) echo "$*" >>"$CALLS"; echo OK ;;
  *) tee -a "$CALLS" | awk '/^MULTI/ { print "OK"; next } /^EXEC/ { while (n-- > 0) print "OK"; next } { n++; print "QUEUED" }' ;;
esac
[ "$REDISCLI_AUTH" = 'a"b\\c' ] || echo "no password" >>"$CALLS"`;

const [A, B] = ['a'.repeat(40), 'b'.repeat(40)] as const;

describe('the boot script of redis alone', function () {
  this.timeout(30_000);
  let pod: BootPod;
  beforeEach(async () => {
    pod = await BootPod.make(['bin', 'volume', 'state', 'scripts', 'topology', 'config', 'credentials', 'exporter'], {
      APP_USER: 'orders',
      VERSION: '8.0.2',
    });
    const { root } = pod;
    const script = bootScript({
      volume: `${root}/volume`,
      data: `${root}/volume/redis`,
      state: `${root}/state`,
      scripts: `${root}/scripts`,
      topology: `${root}/topology`,
      config: `${root}/config`,
      credentials: `${root}/credentials`,
      exporter: `${root}/exporter`,
      terminationLog: `${root}/termination-log`,
      interval: 0.1,
      port: 6379,
    });
    await Promise.all([
      pod.write('boot.sh', script),
      pod.write('topology/primary', 'orders-0'),
      pod.write('topology/members', 'orders-0'),
      pod.write('config/redis.conf', 'maxmemory 100mb\n'),
      pod.write('id', A),
      pod.write('credentials/superuser-password', 'a"b\\c'),
      ...['password', 'replication-password', 'monitor-password'].map((name) => pod.write(`credentials/${name}`, name)),
      pod.install({ 'redis-server': server, 'redis-cli': cli }),
    ]);
  });
  afterEach(() => pod.remove());

  const holdsData = async (position = ''): Promise<void> => {
    await mkdir(pod.file('volume/redis/appendonlydir'), { recursive: true });
    await pod.write('volume/redis/appendonlydir/appendonly.aof.manifest', '');
    await pod.write('volume/.initialized', '');
    if (position !== '') await pod.write('volume/.position.1', `7 ${position} end\n`);
  };
  const withPeers = async (primary: string): Promise<void> => {
    await pod.write('topology/members', 'orders-0 orders-1 orders-2');
    await pod.write('topology/primary', primary);
  };
  const phaseIsRunning = (): Promise<void> =>
    pod.until('running', async () => (await pod.read('state', 'phase')) === 'running');

  it('starts alone as a primary, with a history of its own', async () => {
    pod.start();
    await phaseIsRunning();
    assert.doesNotMatch(await pod.read('serving'), /^replicaof/m);
    assert.match(
      await pod.read('calls'),
      new RegExp(`database_operator_position reset off ~self=${A} ~base= ~born=primary`),
    );
    assert.ok(await pod.exists('volume', '.initialized'));
  });
  it('starts with peers as nobody’s replica when it is named: it keeps its data and takes no writes', async () => {
    await withPeers('orders-0');
    await holdsData(`${B}:7`);
    pod.start();
    await phaseIsRunning();
    assert.match(await pod.read('serving'), /^replicaof 127\.0\.0\.1 1$/m);
    const calls = await pod.read('calls');
    assert.match(calls, new RegExp(`~self=${A} ~base=${B}:7 ~born=replica`));
    assert.doesNotMatch(calls, /REPLICAOF/);
  });
  it('follows whom the topology names, in one go with where its data comes from', async () => {
    await withPeers('orders-1');
    await holdsData(`${B}:7`);
    pod.start();
    await phaseIsRunning();
    assert.match(await pod.read('calls'), /^MULTI\nACL SETUSER .*\nREPLICAOF orders-1\.orders-headless 6379\nEXEC$/m);
  });
  it('gives up when that can’t be told: nobody may take its data for newer than it is', async () => {
    await pod.install({ 'redis-cli': cli.replace('while (n-- > 0) print "OK"', 'print "ERR"') });
    pod.start();
    assert.equal(await pod.exit(), 0, pod.output);
    assert.match(pod.output, /can't set up replication; stopping the server/);
  });

  it('keeps its last position on the volume, never one that is ahead of what is written', async () => {
    await withPeers('orders-0');
    await holdsData(`${B}:7`);
    await pod.write('line', `slave ${A} 0 ${'0'.repeat(40)} -1 whole\n`);
    pod.start();
    await phaseIsRunning();
    const kept = async (): Promise<string> =>
      `${await pod.read('volume/.position.0')}${await pod.read('volume/.position.1')}`;
    await pod.write('line', `master ${A} 12 ${'0'.repeat(40)} -1 whole\n`);
    await pod.until('the position as a primary', async () => (await kept()).includes(`8 ${A}:12/${B}:7 end`));
    assert.ok(await pod.exists('state', 'writable'));
    // A copy of another's data that is not in the append-only file yet: nobody knows how old that file is.
    await pod.write('line', `slave ${'c'.repeat(40)} 90 ${'0'.repeat(40)} -1 part\n`);
    await pod.until('no position', async () => (await kept()).includes('9 none end'));
    await pod.write('line', `slave ${'c'.repeat(40)} 95 ${'0'.repeat(40)} -1 whole\n`);
    await pod.until('that of the copy', async () => (await kept()).includes(`10 ${'c'.repeat(40)}:95 end`));
    assert.ok(!(await pod.exists('state', 'writable')));
  });
  it('reads the newer of two positions, and none that was cut off in the middle', async () => {
    await withPeers('orders-0');
    await holdsData();
    await pod.write('volume/.position.0', `4 ${B}:4 end\n`);
    await pod.write('volume/.position.1', `5 ${B}:5`);
    pod.start();
    await phaseIsRunning();
    assert.match(await pod.read('calls'), new RegExp(`~base=${B}:4 `));
  });
  it('tells how full the volume is', async () => {
    pod.start();
    await pod.called('database_operator_volume');
    assert.match(await pod.read('calls'), /database_operator_volume reset off ~at=\d+ ~used=\d+ ~size=\d+$/m);
  });

  it('writes a configuration that only it can read, the user’s settings first, names and passwords quoted', async () => {
    pod.start();
    await phaseIsRunning();
    const text = await pod.read('state', 'redis.conf');
    assert.match(text, /^include .*redis\.conf$/m);
    const users = await pod.read('volume/users.acl');
    assert.match(users, new RegExp(`^user default on #${sha256('a"b\\c')} ~\\* &\\* \\+@all$`, 'm'));
    assert.match(
      users,
      new RegExp(`^user orders on #${sha256('password')} ~\\* &\\* \\+@all -@dangerous .*\\+sort_ro$`, 'm'),
    );
    assert.match(text, /^appendonly yes$/m);
    for (const file of [pod.file('state', 'redis.conf'), pod.file('volume/users.acl')])
      assert.equal((await stat(file)).mode & 0o077, 0);
  });
  it('grants an older server only what that knows', async () => {
    pod.start({ VERSION: '6.0.20' });
    await phaseIsRunning();
    const users = await pod.read('volume/users.acl');
    assert.doesNotMatch(users, /&\*|sort_ro/);
    assert.match(users, /\+client\|setname/);
  });

  const refused: readonly (readonly [title: string, prepare: () => Promise<unknown>, message: RegExp])[] = [
    [
      'an empty volume where data was',
      () => pod.write('volume/.initialized', ''),
      /is gone though this volume has held/,
    ],
    [
      'data without its append-only file',
      async () => {
        await mkdir(pod.file('volume/redis'));
        await pod.write('volume/.initialized', '');
      },
      /has no append-only file/,
    ],
    [
      'a new volume where the database has served',
      () => pod.write('topology/initialized', 'true'),
      /the volume is empty though this database has been initialized/,
    ],
    ['nobody named as primary', () => pod.write('topology/primary', ''), /no primary is recorded/],
    [
      'a password that is not mounted',
      () => pod.write('credentials/monitor-password', ''),
      /monitor-password isn't mounted/,
    ],
    ['a version that it can’t read', () => pod.install({ 'redis-server': 'echo what' }), /can't tell the version/],
  ];
  for (const [title, prepare, message] of refused) {
    it(`refuses ${title}`, async () => {
      await prepare();
      assert.match(await pod.refusal(), message);
      assert.ok(!(await pod.exists('serving')));
    });
  }

  it('sets its data aside when it is told to be copied anew, once', async () => {
    await withPeers('orders-1');
    await holdsData(`${B}:7`);
    await pod.write('topology/reseed', 'orders-2=x orders-0=token');
    pod.start();
    await phaseIsRunning();
    assert.ok(await pod.exists('volume', 'redis.diverged', 'appendonlydir'));
    assert.match(await pod.read('calls'), /~base= ~born=replica/);
    assert.equal(await pod.read('volume', '.reseed'), 'token');
  });
  it('ends cleanly when it is told to', async () => {
    pod.start();
    await phaseIsRunning();
    pod.child?.kill('SIGTERM');
    assert.equal(await pod.exit(), 0, pod.output);
    assert.match(await pod.read('calls'), /^TERM$/m);
  });
  it('shows no password to those who list processes', async () => {
    pod.start();
    await phaseIsRunning();
    assert.doesNotMatch(await pod.read('calls'), /no password|replication-password/);
  });
});
