import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { bootScript, type BootPaths } from './boot.ts';

/** The real shell runs the real script; only PostgreSQL's binaries are stand-ins that write down how they were called. */
const binaries: Readonly<Record<string, string>> = {
  initdb: `while [ "$1" != -D ]; do shift; done
mkdir "$2"; touch "$2/half"; sleep \${SLOW:-0}; echo 17 >"$2/PG_VERSION"`,
  // A shell can't catch INT in a process that another shell put into the background; a real server can.
  postgres: `[ "$1" != --version ] || { echo "postgres (PostgreSQL) 17.6 (Debian 17.6-1)"; exit 0; }
case $* in *" -C max_connections "*) echo 40; exit 0 ;; *" -C m"*) exit 1 ;; *" -C port "*)
  [ ! -e "$STATE/refuses" ] || { echo '2026-11-21 07:00:00.000 UTC [9] LOG:  unrecognized configuration parameter "wrok_mem"' >&2; exit 1; }
  exit 0 ;;
esac
echo "postgres $*" >>"$CALLS"
[ ! -e "$STATE/wont-start" ] || { cat "$STATE/wont-start" >&2; exit 1; }
ARGUMENTS="$*" exec "$NODE" -e '
const fs = require("node:fs");
const { CALLS, STATE, ARGUMENTS } = process.env;
const note = (word) => fs.appendFileSync(CALLS, word + "\\n");
process.on("SIGINT", () => { note("INT"); process.exit(0); });
process.on("SIGHUP", () => note("HUP"));
fs.writeFileSync(STATE + (ARGUMENTS.includes("listen_addresses=*") ? "/serving" : "/up"), "");
setInterval(() => { if (fs.existsSync(STATE + "/crash")) process.exit(3); }, 10);
'`,
  pg_isready: `[ -e "$STATE/up" ] || [ -e "$STATE/serving" ]`,
  // What a member says: of itself when asked by the socket, else of the data of the one that asks.
  psql: `case $* in
  *pg_stat_wal_receiver*) cat "$STATE/self" 2>/dev/null; exit 0 ;;
  *"SELECT pg_is_in_recovery()") [ -e "$STATE/no-primary" ] || echo f; exit 0 ;;
  *"FROM pg_replication_slots WHERE slot_type"*) cat "$STATE/slots" 2>/dev/null; exit 0 ;;
  *"WITH now"*) cat "$STATE/verdict" 2>/dev/null; exit ;;
esac
echo "psql $*" >>"$CALLS"; [ ! -e "$STATE/psql-fails" ]`,
  pg_controldata: `cat "$STATE/control" 2>/dev/null`,
  pg_rewind: `echo "pg_rewind $*" >>"$CALLS"
case $* in
  *--dry-run*) ;;
  *) [ -e "$STATE/volume/.rewinding" ] || exit 9
    rm -f "$STATE/self" "$STATE/verdict"; sleep \${SLOW:-0} ;;
esac
[ ! -e "$STATE/rewind-fails" ]`,
  pg_basebackup: `echo "pg_basebackup $*" >>"$CALLS"
[ ! -e "$STATE/no-primary" ] || exit 1
rm -f "$STATE/self" "$STATE/verdict"
while [ "$1" != -D ]; do shift; done; mkdir "$2"; echo 17 >"$2/PG_VERSION"`,
};

class Pod {
  readonly root: string;
  child: ChildProcess | undefined;
  output = '';
  constructor(root: string) {
    this.root = root;
  }
  file = (...parts: string[]): string => path.join(this.root, ...parts);
  read = (...parts: string[]): Promise<string> => readFile(this.file(...parts), 'utf8').catch(() => '');
  exists = (...parts: string[]): Promise<boolean> =>
    stat(this.file(...parts)).then(
      () => true,
      () => false,
    );
  start(environment: Readonly<Record<string, string>> = {}): void {
    this.child = spawn('sh', [this.file('boot.sh')], {
      env: {
        PATH: `${this.file('bin')}:/usr/bin:/bin`,
        CALLS: this.file('calls'),
        STATE: this.root,
        NODE: process.execPath,
        POD_NAME: 'orders-0',
        HEADLESS_SERVICE: 'orders-headless',
        APP_DATABASE: 'orders',
        APP_USER: 'orders',
        ...environment,
      },
      detached: true,
    });
    this.child.stderr?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
  }
  async until(what: string, check: () => Promise<boolean>): Promise<void> {
    for (let tries = 0; tries < 600; tries++) {
      if (await check()) return;
      await delay(10);
    }
    assert.fail(`${what} did not happen; output:\n${this.output}\ncalls:\n${await this.read('calls')}`);
  }
  running = (): Promise<void> => this.until('serving', () => this.exists('serving'));
  async exit(): Promise<number | null> {
    const child = this.child;
    if (child === undefined) return null;
    if (child.exitCode === null && child.signalCode === null) await new Promise((done) => child.once('exit', done));
    return child.exitCode;
  }
  /** As the kernel ends a container: everything in it at once. */
  async kill(): Promise<void> {
    const pid = this.child?.pid;
    try {
      if (pid !== undefined) process.kill(-pid, 'SIGKILL');
    } catch {
      return; // Gone already.
    }
    await this.exit();
  }
}

async function makePod(primary = 'orders-0', interval = 0.05): Promise<Pod> {
  const pod = new Pod(await mkdtemp(path.join(tmpdir(), 'boot-')));
  const folders = ['bin', 'volume', 'sockets', 'scripts', 'topology', 'config', 'credentials', 'tls'];
  await Promise.all(folders.map((name) => mkdir(pod.file(name))));
  const paths: BootPaths = {
    volume: pod.file('volume'),
    data: pod.file('volume', 'pgdata'),
    sockets: pod.file('sockets'),
    state: pod.file('state'),
    scripts: pod.file('scripts'),
    topology: pod.file('topology'),
    config: pod.file('config'),
    credentials: pod.file('credentials'),
    tls: pod.file('tls'),
    terminationLog: pod.file('termination-log'),
    interval,
    pause: 0.05,
  };
  await Promise.all([
    writeFile(pod.file('boot.sh'), bootScript(paths)),
    writeFile(pod.file('topology', 'primary'), primary),
    writeFile(pod.file('config', 'postgresql.conf'), 'work_mem = 4MB\n'),
    writeFile(pod.file('credentials', 'replication-password'), 'a:b\\c'),
    ...Object.entries(binaries).map(async ([name, body]) => {
      await writeFile(pod.file('bin', name), `#!/bin/sh\n${body}\n`);
      await chmod(pod.file('bin', name), 0o755);
    }),
  ]);
  return pod;
}

describe('the boot script of PostgreSQL', function () {
  this.timeout(10_000);
  let pod: Pod;
  const begin = async (primary?: string, interval?: number): Promise<Pod> => (pod = await makePod(primary, interval));
  afterEach(async () => {
    await pod.kill();
    await rm(pod.root, { recursive: true, force: true });
  });

  const holdsData = async (version = '17'): Promise<void> => {
    await mkdir(pod.file('volume', 'pgdata'));
    await writeFile(pod.file('volume', 'pgdata', 'PG_VERSION'), `${version}\n`);
  };

  it('initializes an empty volume beside its final name, then starts', async () => {
    await begin();
    pod.start();
    await pod.running();
    assert.deepEqual((await readdir(pod.file('volume'))).sort(), ['.initialized', '.lock', 'pgdata']);
    const calls = await pod.read('calls');
    assert.match(calls, /^postgres -D \S+pgdata\.new -c listen_addresses= /);
    assert.match(calls, /psql .*-v owner=orders -v database=orders -f \S+roles\.sql/);
    assert.match(calls, /postgres -D \S+pgdata -c config_file=\S+postgresql\.conf .*-c listen_addresses=\*/);
  });

  it('leaves nothing that looks complete when it is killed in the middle, and starts again from nothing', async () => {
    await begin();
    pod.start({ SLOW: '5' });
    await pod.until('initdb', () => pod.exists('volume', 'pgdata.new', 'half'));
    await pod.kill();
    assert.equal(await pod.exists('volume', 'pgdata'), false);
    pod.start();
    await pod.running();
    assert.equal(await pod.exists('volume', 'pgdata', 'PG_VERSION'), true);
    assert.equal(await pod.exists('volume', 'pgdata.new'), false);
  });

  it('does not put a server in place whose roles could not be made', async () => {
    await begin();
    await writeFile(pod.file('psql-fails'), '');
    pod.start();
    assert.equal(await pod.exit(), 1);
    assert.equal(await pod.exists('volume', 'pgdata'), false);
    assert.match(await pod.read('termination-log'), /can't create roles and the database orders/);
  });

  it('starts existing data as it is, without initializing', async () => {
    await begin();
    await holdsData();
    await writeFile(pod.file('volume', 'pgdata', 'postmaster.pid'), '1\n');
    pod.start();
    await pod.running();
    assert.doesNotMatch(await pod.read('calls'), /psql|pgdata\.new/);
    assert.equal(await pod.exists('volume', 'pgdata', 'postmaster.pid'), false);
    assert.equal(await pod.exists('volume', '.initialized'), true);
  });

  it('refuses data of another major version and says what to do', async () => {
    await begin();
    await holdsData('15');
    pod.start();
    assert.equal(await pod.exit(), 1);
    assert.match(
      await pod.read('termination-log'),
      /made by PostgreSQL 15, this image is PostgreSQL 17: set spec.version/,
    );
    assert.equal(await pod.read('calls'), '');
  });

  it('refuses to start empty where data is known to have been', async () => {
    await begin();
    await writeFile(pod.file('volume', '.initialized'), '17');
    pod.start();
    assert.equal(await pod.exit(), 1);
    assert.match(await pod.read('termination-log'), /is gone though this volume has held a server/);
    assert.equal(await pod.exists('volume', 'pgdata'), false);
  });

  it('refuses to initialize a replaced volume of a database that has been initialized', async () => {
    await begin();
    await writeFile(pod.file('topology', 'initialized'), 'true');
    pod.start();
    assert.equal(await pod.exit(), 1);
    assert.match(await pod.read('termination-log'), /its volume was lost or replaced/);
  });

  it('does not start while another server holds the volume', async () => {
    await begin();
    await holdsData();
    const other = spawn('flock', [pod.file('volume', '.lock'), 'sleep', '30'], { detached: true });
    try {
      await delay(100);
      pod.start();
      await delay(300);
      assert.equal(await pod.read('calls'), '');
      assert.equal(await pod.read('state', 'phase'), 'starting');
    } finally {
      process.kill(-(other.pid ?? 0), 'SIGKILL');
    }
    await pod.running();
  });

  it('stops fast and clean on TERM, with exit code 0', async () => {
    await begin();
    await holdsData();
    pod.start();
    await pod.running();
    pod.child?.kill('SIGTERM');
    assert.equal(await pod.exit(), 0);
    assert.match(await pod.read('calls'), /INT\n$/);
  });

  it('stops a server that was only just started, too', async () => {
    await begin();
    await holdsData();
    pod.start();
    await pod.until('started', async () => (await pod.read('state', 'phase')) === 'running');
    pod.child?.kill('SIGTERM');
    // 130: it had no handler yet. What counts is that it ends.
    assert.ok([0, 130].includes((await pod.exit()) ?? -1));
  });

  it('ends with the code of a server that ends by itself', async () => {
    await begin();
    await holdsData();
    pod.start();
    await pod.running();
    await pod.until('an answer', async () => !(await pod.exists('state', 'unanswered')));
    await writeFile(pod.file('crash'), '');
    assert.equal(await pod.exit(), 3);
    assert.equal(await pod.read('termination-log'), 'the server ended with code 3');
  });

  it('reloads when the mounted configuration changes, and only then', async () => {
    await begin();
    await holdsData();
    pod.start();
    await pod.running();
    await delay(150);
    assert.doesNotMatch(await pod.read('calls'), /HUP/);
    await writeFile(pod.file('config', 'postgresql.conf'), 'work_mem = 8MB\n');
    await pod.until('reload', async () => (await pod.read('calls')).includes('HUP'));
  });

  it('drops the slot of a member that was removed, not one that was only found idle once', async function () {
    this.timeout(120_000);
    await begin('orders-0', 0.001);
    await holdsData();
    await writeFile(pod.file('topology', 'members'), 'orders-0 orders-1');
    await writeFile(pod.file('slots'), 'orders_2\n');
    pod.start();
    await pod.running();
    const idle = async (): Promise<string> => pod.read('state', 'idle-slots');
    const patiently = async (what: string, check: () => Promise<boolean>): Promise<void> => {
      for (let tries = 0; tries < 15 && !(await check()); tries++) await pod.until(what, check).catch(() => undefined);
      assert.ok(await check(), what);
    };
    await patiently('the slot is found idle', async () => (await idle()) === 'orders_2\n');
    // The list of members is handed to the server, which leaves out those that are on it.
    await writeFile(pod.file('slots'), '');
    await patiently('it is in use again', async () => (await idle()) === '');
    assert.doesNotMatch(await pod.read('calls'), /pg_drop_replication_slot/);
    await writeFile(pod.file('slots'), 'orders_2\n');
    await patiently('it is dropped', async () =>
      (await pod.read('calls')).includes("pg_drop_replication_slot('orders_2')"),
    );
  });

  it('clones from the named primary, with a slot, and starts as a standby', async () => {
    await begin('orders-1');
    pod.start();
    await pod.running();
    const calls = await pod.read('calls');
    assert.match(calls, /pg_create_physical_replication_slot\('orders_0', true\)/);
    assert.match(calls, /pg_basebackup -d host=orders-1\.orders-headless port=5432 .*-S orders_0/);
    assert.equal(await pod.exists('volume', 'pgdata', 'standby.signal'), true);
    const follow = await pod.read('volume', 'pgdata', 'postgresql.auto.conf');
    assert.match(follow, /^primary_conninfo = 'host=orders-1\.orders-headless .*application_name=orders-0/);
    assert.equal(await pod.read('state', 'pgpass'), '*:*:*:database_operator_replication:a\\:b\\\\c\n');
    assert.doesNotMatch(calls + follow, /a:b/);
  });

  it('goes on trying to clone while there is no primary', async () => {
    await begin('orders-1');
    await writeFile(pod.file('no-primary'), '');
    pod.start();
    await pod.until('two tries', () => Promise.resolve(pod.output.split('cloning from').length > 3));
    assert.equal(await pod.read('state', 'phase'), 'cloning');
    await rm(pod.file('no-primary'));
    await pod.running();
  });

  const members = (names: string): Promise<void> => writeFile(pod.file('topology', 'members'), names);
  const says = (file: string, text: string): Promise<void> => writeFile(pod.file(file), text);
  const conf = (): Promise<string> => pod.read('volume', 'pgdata', 'postgresql.auto.conf');
  const isStandby = (): Promise<boolean> => pod.exists('volume', 'pgdata', 'standby.signal');
  const volume = async (): Promise<string[]> => (await readdir(pod.file('volume'))).sort();

  for (const [what, named, arrange] of [
    ['another is named', 'orders-2', () => members('orders-0 orders-1 orders-2')],
    ['it is named itself, because that may be a minute old', 'orders-0', () => members('orders-0 orders-1')],
    [
      'a slot tells of peers that the list does not know yet',
      'orders-0',
      () => mkdir(pod.file('volume', 'pgdata', 'pg_replslot', 'orders_1'), { recursive: true }),
    ],
  ] as const) {
    it(`starts data with peers as a standby: ${what}`, async () => {
      await begin(named);
      await holdsData();
      await arrange();
      pod.start();
      await pod.running();
      assert.equal(await isStandby(), true);
      assert.equal((await conf()).includes('primary_conninfo'), named !== 'orders-0');
    });
  }

  it('starts first data with peers as a standby, too', async () => {
    await begin();
    await members('orders-0 orders-1');
    pod.start();
    await pod.running();
    assert.equal(await isStandby(), true);
  });

  it('starts a lone server as it was left', async () => {
    await begin();
    await members('orders-0');
    await holdsData();
    pod.start();
    await pod.running();
    assert.equal(await isStandby(), false);
  });

  it('follows from the start only the member that is named, whatever a copy brought with it', async () => {
    await begin('orders-2');
    await holdsData();
    const copied = "work_mem = '8MB'\nprimary_conninfo = 'host=orders-0.x'\nprimary_slot_name = 'orders_1'\n";
    await writeFile(pod.file('volume', 'pgdata', 'postgresql.auto.conf'), copied);
    pod.start();
    await pod.running();
    assert.match(await conf(), /^work_mem = '8MB'\nprimary_conninfo = 'host=orders-2\.orders-headless [^\n]*'\n$/);
    assert.match(await pod.read('calls'), /-c primary_slot_name=orders_0/);
  });

  for (const [state, label, alone] of [
    ['in production', false, true],
    ['shut down', false, true],
    ['in archive recovery', false, false],
    ['shut down in recovery', false, false],
    ['in production', true, false],
  ] as const) {
    const copy = label ? ', of a copy' : '';
    it(`${alone ? 'compares histories before it follows' : 'follows at once'} with data that was "${state}"${copy}`, async () => {
      await begin('orders-2');
      await holdsData();
      await says('control', `Database cluster state:               ${state}\n`);
      if (label) await says('volume/pgdata/backup_label', '');
      pod.start();
      await pod.running();
      assert.equal((await conf()).includes('primary_conninfo'), !alone);
      assert.equal(await pod.exists('volume', '.led'), alone);
      if (!alone) return;
      await says('self', 'f|00000002|0/5000000|\n');
      await says('verdict', 'fits\n');
      await pod.until('follow', async () => (await pod.read('calls')).includes('ALTER SYSTEM SET primary_conninfo'));
      assert.equal(await pod.exists('volume', '.led'), false);
    });
  }

  it('keeps a higher value of what the log needs than the configuration has', async () => {
    await begin('orders-2');
    await holdsData();
    await says('control', 'max_connections setting:              100\nmax_wal_senders setting:   10\n');
    pod.start();
    await pod.running();
    assert.match(await pod.read('calls'), /-c max_connections=100 -c max_wal_senders=10/);
  });

  const parts = async (verdict: string): Promise<void> => {
    await begin('orders-2');
    await holdsData();
    pod.start();
    await pod.running();
    await rm(pod.file('serving'));
    await says('verdict', `${verdict}\n`);
    await says('self', 'f|00000001|0/5000000|orders-2\n');
  };

  it('comes back by pg_rewind when its history has parted', async () => {
    await parts('forked');
    await pod.until('serving again', () => pod.exists('serving'));
    const calls = await pod.read('calls');
    assert.match(
      calls,
      /INT\npg_rewind --dry-run .*\npg_rewind --target-pgdata=\S+ --source-server=host=orders-2\..*dbname=postgres/,
    );
    assert.deepEqual(await volume(), ['.initialized', '.lock', 'pgdata']);
    assert.equal(await isStandby(), true);
  });

  it('clones anew and keeps the old data when pg_rewind can not help', async () => {
    await parts('forked');
    await says('rewind-fails', '');
    await pod.until('serving again', () => pod.exists('serving'));
    assert.deepEqual(await volume(), ['.initialized', '.lock', 'pgdata', 'pgdata.diverged']);
    assert.match(await pod.read('calls'), /pg_basebackup/);
  });

  it('goes on as it is while there is no primary to rewind to', async () => {
    await parts('forked');
    await says('rewind-fails', '');
    await says('no-primary', '');
    await pod.until('start', () => Promise.resolve(/rewind to orders-2 yet[^]*started read-only/.test(pod.output)));
    assert.equal(await pod.exists('volume', 'pgdata.diverged'), false);
    assert.doesNotMatch(await pod.read('calls'), /pg_basebackup/);
  });

  it('never rewinds between two timelines of one number', async () => {
    await parts('twin');
    await pod.until('serving again', () => pod.exists('serving'));
    assert.doesNotMatch(await pod.read('calls'), /pg_rewind/);
    assert.equal(await pod.exists('volume', 'pgdata.diverged'), true);
  });

  it('does not use data in which pg_rewind was killed', async () => {
    await begin('orders-2');
    await holdsData();
    await says('volume/.rewinding', '');
    pod.start();
    await pod.running();
    assert.match(await pod.read('calls'), /pg_basebackup/);
    assert.deepEqual(await volume(), ['.initialized', '.lock', 'pgdata', 'pgdata.diverged']);
  });

  it('goes on cloning when it is killed after the old data was set aside', async () => {
    await begin('orders-2');
    await says('volume/.initialized', '17');
    await says('volume/.reclone', '');
    pod.start();
    await pod.running();
    assert.deepEqual(await volume(), ['.initialized', '.lock', 'pgdata']);
  });

  it('says that the log it needs is gone', async () => {
    await parts('removed');
    await pod.until('word', async () => (await pod.read('state', 'broken')).includes('has to be cloned anew'));
  });

  it('clones anew when ordered, once', async () => {
    await begin('orders-2');
    await holdsData();
    await says('topology/reseed', 'orders-1=x orders-0=k7');
    pod.start();
    await pod.running();
    assert.equal(await pod.read('volume', '.reseed'), 'k7');
    assert.equal(await pod.exists('volume', 'pgdata.diverged'), true);
    await pod.kill();
    await rm(pod.file('calls'));
    pod.start();
    await pod.until('second start', async () => (await pod.read('calls')).includes('listen_addresses=*'));
    assert.doesNotMatch(await pod.read('calls'), /pg_basebackup/);
  });

  it('does not clone anew while it is named the primary', async () => {
    await begin();
    await holdsData();
    await says('topology/reseed', 'orders-0=k7');
    pod.start();
    await pod.running();
    assert.equal(await pod.exists('volume', '.reseed'), false);
    assert.equal(await pod.exists('volume', 'pgdata.diverged'), false);
  });

  it('turns to nobody by itself when another is named while it runs', async () => {
    await begin('orders-1');
    await holdsData();
    pod.start();
    await pod.running();
    const before = await conf();
    await writeFile(pod.file('topology', 'primary'), 'orders-2');
    await delay(300);
    assert.equal(await conf(), before);
    assert.doesNotMatch(await pod.read('calls'), /INT|HUP/);
  });

  it('says which setting the server refuses', async () => {
    await begin();
    await holdsData();
    await writeFile(pod.file('refuses'), '');
    pod.start();
    assert.equal(await pod.exit(), 1);
    assert.equal(
      await pod.read('termination-log'),
      'the server refuses its configuration, so spec.config has to change: unrecognized configuration parameter "wrok_mem"',
    );
  });

  it('says what the server said when it ended again without an answer; its log is whole, and later starts are heard, too', async () => {
    await begin();
    await holdsData();
    await says('config/postgresql.conf', "shared_preload_libraries = 'no_such_library'\n");
    const said = 'FATAL:  could not access file "no_such_library": No such file or directory';
    await says('wont-start', `2026-11-21 07:00:00.000 UTC [9] ${said}\n`);
    for (const told of [
      /^the server ended with code 1 before it answered$/,
      /^the server refuses its configuration, so spec\.config has to change \(shared_preload_libraries\): could not access file "no_such_library"/,
    ]) {
      pod.output = '';
      pod.start();
      assert.equal(await pod.exit(), 1);
      assert.match(await pod.read('termination-log'), told);
      await pod.until('its log', () => Promise.resolve(pod.output.includes(said)));
      await pod.kill();
    }
    await rm(pod.file('wont-start'));
    pod.start();
    await pod.running();
    await pod.until('an answer', async () => !(await pod.exists('state', 'unanswered')));
    pod.child?.kill('SIGTERM');
    assert.equal(await pod.exit(), 0);
  });

  it('does not start without a recorded primary', async () => {
    await begin('');
    pod.start();
    assert.equal(await pod.exit(), 1);
    assert.match(await pod.read('termination-log'), /no primary is recorded/);
    assert.deepEqual(await readdir(pod.file('volume')), ['.lock']);
  });
});
