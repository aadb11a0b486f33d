import assert from 'node:assert/strict';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { BootPod } from '../../../test/support/boot-pod.ts';
import { dialect as mariadb } from '../mariadb/boot-dialect.ts';
import { dialect as mysql } from '../mysql/boot-dialect.ts';
import { bootScript, type BootPaths } from './boot.ts';

/** The real shell runs the real script; only the servers' binaries are stand-ins that write down how they were called. */
const server = (version: string): string => `case $* in
*--version*) echo "mysqld  Ver ${version} for Linux on x86_64"; exit 0 ;;
*--validate-config* | *--verbose*)
  [ ! -e "$STATE/refuses" ] || { echo '2026-11-21T07:00:00.1Z 0 [ERROR] [MY-000067] [Server] unknown variable wrok=1.' >&2; exit 1; }
  exit 0 ;;
*--initialize-insecure*) exec initialize "$@" ;;
esac
echo "server $*" >>"$CALLS"
[ ! -e "$STATE/wont-start" ] || { cat "$STATE/wont-start" >&2; exit 1; }
ARGUMENTS="$*" exec "$NODE" -e '
const fs = require("node:fs");
const { CALLS, STATE, ARGUMENTS } = process.env;
const socket = /--socket=(\\S+)/.exec(ARGUMENTS)[1];
process.on("SIGTERM", () => { fs.appendFileSync(CALLS, "TERM\\n"); fs.rmSync(socket, { force: true }); process.exit(0); });
fs.rmSync(socket, { force: true });
require("node:net").createServer().listen(socket, () => fs.writeFileSync(STATE + (ARGUMENTS.includes("--skip-networking") ? "/up" : "/serving"), ""));
setInterval(() => { if (fs.existsSync(STATE + "/crash")) process.exit(3); }, 10);
'`;

const client = `sent=
case $* in *" -BNe "* | *" -Be "*) sent="$*" ;; *) sent="$* $(cat)" ;; esac
printf 'client %s\\n' "$sent" >>"$CALLS"
case $sent in
*"CLONE INSTANCE"*)
  [ ! -e "$STATE/no-primary" ] || exit 1
  to=$(printf '%s' "$sent" | sed -n "s/.*DATA DIRECTORY = '\\([^']*\\)'.*/\\1/p"); mkdir "$to"; touch "$to/mysql.ibd" ;;
*gtid_binlog_state*BNe* | *BNe*"@@GLOBAL.gtid_binlog_state") [ ! -e "$STATE/no-primary" ] || exit 1; echo 0-1-30,0-2-50 ;;
*"CREATE USER"*) [ ! -e "$STATE/accounts-fail" ] || exit 1 ;;
*"STATUS"*) cat "$STATE/status" 2>/dev/null ;;
*"SHOW BINARY LOGS"*) cat "$STATE/logs" 2>/dev/null ;;
*"read_only"*) echo 1 ;;
esac
exit 0`;

const initialize = `for argument; do case $argument in --datadir=*) to=\${argument#--datadir=} ;; esac; done
echo "initialize $*" >>"$CALLS"; mkdir "$to"; touch "$to/half"; sleep \${SLOW:-0}; touch "$to/mysql.ibd"`;

const dump = `echo "dump $*" >>"$CALLS"; echo "-- SET GLOBAL gtid_slave_pos='0-2-55';"; echo "INSERT"; [ ! -e "$STATE/dump-fails" ]`;

const binaries = (names: readonly string[], version: string): Readonly<Record<string, string>> => ({
  ...Object.fromEntries(
    names.map((name, index) => [name, [server(version), client, '[ -e "$STATE/up" ]', dump][index] ?? 'exit 0']),
  ),
  'mariadb-install-db': 'exec initialize "$@"',
  initialize,
});

const flavours = {
  mysql: {
    dialect: mysql,
    binaries: binaries(['mysqld', 'mysql', 'mysqladmin', 'mysqldump'], '8.0.33'),
    version: 'MySQL 8.0.33',
  },
  mariadb: {
    dialect: mariadb,
    binaries: binaries(['mariadbd', 'mariadb', 'mariadb-admin', 'mariadb-dump', 'mariadb-upgrade'], '11.8.6-MariaDB'),
    version: 'MariaDB 11.8.6',
  },
};

async function makePod({ dialect, binaries: stubs }: (typeof flavours)['mysql']): Promise<BootPod> {
  const pod = await BootPod.make(['bin', 'volume', 'scripts', 'topology', 'config', 'credentials', 'run'], {
    APP_DATABASE: 'or_ders',
    APP_USER: 'orders',
  });
  const paths: BootPaths = {
    volume: pod.file('volume'),
    data: pod.file('volume', 'data'),
    socket: pod.file('run', 'server.sock'),
    state: pod.file('run', 'state'),
    scripts: pod.file('scripts'),
    topology: pod.file('topology'),
    config: pod.file('config'),
    credentials: pod.file('credentials'),
    terminationLog: pod.file('termination-log'),
    interval: 0.1,
    patience: 0.1,
  };
  await Promise.all([
    pod.write('boot.sh', bootScript(dialect, paths)),
    pod.write('topology/primary', 'orders-0'),
    pod.write('topology/members', 'orders-0'),
    pod.write('scripts/replication-mode', 'async\n'),
    pod.write('config/my.cnf', '[mysqld]\n'),
    pod.write('credentials/password', "it's"),
    pod.write('credentials/superuser-password', 'a"b\\c'),
    pod.write('credentials/replication-password', 'replicate'),
    pod.write('credentials/monitor-password', 'monitor'),
    pod.install(stubs),
  ]);
  return pod;
}

for (const [name, flavour] of Object.entries(flavours)) {
  describe(`the boot script of ${name}`, function () {
    this.timeout(30_000);
    let pod: BootPod;
    beforeEach(async () => {
      pod = await makePod(flavour);
    });
    afterEach(() => pod.remove());

    const holdsData = async (version = flavour.version): Promise<void> => {
      await mkdir(pod.file('volume', 'data'));
      await pod.write('volume/.initialized', version);
    };
    const withPeers = async (primary: string): Promise<void> => {
      await pod.write('topology/members', 'orders-0 orders-1 orders-2');
      await pod.write('topology/primary', primary);
    };

    it('initializes an empty volume beside its final name, then starts and takes writes', async () => {
      pod.start();
      await pod.running();
      assert.deepEqual((await readdir(pod.file('volume'))).sort(), ['.initialized', '.lock', 'data', 'tmp']);
      assert.equal(await pod.read('volume', '.initialized'), flavour.version);
      const calls = await pod.read('calls');
      assert.match(calls, /CREATE USER 'orders'@'%' IDENTIFIED BY 'it\\'s'/);
      assert.match(calls, /ALTER USER 'root'@'localhost' IDENTIFIED BY 'a"b\\\\c'/);
      assert.match(calls, /GRANT ALL ON "or\\_ders"\.\* TO 'orders'@'%'/);
      const serving = /^server .*--datadir=\S+\/data .*/m.exec(calls)?.[0] ?? '';
      assert.match(serving, /--report-host=orders-0\.orders-headless .*--log-bin=binlog/);
      assert.doesNotMatch(serving, /read-only/);
      assert.match(await pod.read('run', 'state', 'client.cnf'), /password="a\\"b\\\\c"/);
      const arguments_ = calls.split('\n').filter((line) => /^(?:server|initialize|dump) /.test(line));
      assert.doesNotMatch(arguments_.join('\n'), /it's|a"b|replicate$|monitor$/);
    });

    it('leaves nothing that looks complete when it is killed in the middle, and starts again from nothing', async () => {
      pod.start({ SLOW: '20' });
      await pod.until('initialization', () => pod.exists('volume', 'data.new', 'half'));
      await pod.kill();
      assert.equal(await pod.exists('volume', 'data'), false);
      pod.start();
      await pod.running();
      assert.equal(await pod.exists('volume', 'data.new'), false);
    });

    it('does not put a server in place whose accounts could not be made', async () => {
      await pod.write('accounts-fail', '');
      assert.match(await pod.refusal(), /can't create accounts and the database or_ders/);
      assert.equal(await pod.exists('volume', 'data'), false);
    });

    it('refuses to start empty where data is known to have been', async () => {
      await pod.write('volume/.initialized', flavour.version);
      assert.match(await pod.refusal(), /is gone though this volume has held a server/);
      await rm(pod.file('volume', '.initialized'));
      await pod.write('topology/initialized', 'true');
      assert.match(await pod.refusal(), /the volume is empty though this database has been initialized/);
      assert.doesNotMatch(await pod.read('calls'), /initialize/);
    });

    it('refuses data of a later release and of another engine', async () => {
      await holdsData(flavour.version.replace(/[\d.]+$/, '99.1.0'));
      assert.match(await pod.refusal(), /was written by \w+ 99\.1\.0, .* set spec\.version back to 99\.1\.0/);
      await pod.write('volume/.initialized', 'PostgreSQL 17');
      assert.match(await pod.refusal(), /the volume holds data of PostgreSQL 17/);
    });

    it('says which setting the server refuses', async () => {
      await holdsData();
      await pod.write('refuses', '');
      assert.match(await pod.refusal(), /spec\.config has to change: .*unknown variable wrok=1/);
    });

    it('says what the server said when it ended again without an answer', async () => {
      await holdsData();
      await pod.write('config/my.cnf', '[mysqld]\nlower_case_table_names = 1\n');
      const said = "Different lower_case_table_names settings for server ('1') and data dictionary ('0').";
      await pod.write('wont-start', `2026-11-21T07:00:00.1Z 1 [ERROR] ${said}\n`);
      assert.match(await pod.refusal(), /^the server ended with code 1 before it answered$/);
      const told = await pod.refusal();
      assert.match(told, /spec\.config has to change \(lower_case_table_names\): Different /);
      await pod.until('its log', () => Promise.resolve(pod.output.split(said).length === 3));
    });

    it('does not start without a recorded primary', async () => {
      await pod.write('topology/primary', '');
      assert.match(await pod.refusal(), /no primary is recorded/);
      assert.equal(await pod.exists('volume', 'data'), false);
    });

    it('stops the server cleanly and answers its code', async () => {
      await holdsData();
      pod.start();
      await pod.running();
      pod.child?.kill('SIGTERM');
      assert.equal(await pod.exit(), 0);
      assert.match(await pod.read('calls'), /TERM/);
      assert.equal(await pod.read('termination-log'), '');
    });

    it('passes on the code of a server that ended by itself', async () => {
      await holdsData();
      pod.start();
      await pod.running();
      await pod.write('crash', '');
      assert.equal(await pod.exit(), 3);
      assert.match(await pod.read('termination-log'), /ended with code 3/);
    });

    it('starts read-only among peers, the recorded primary, too', async () => {
      await withPeers('orders-0');
      pod.start();
      await pod.running();
      assert.match(await pod.read('calls'), /^server .*\/data .*--(?:super-)?read-only=ON/m);
    });

    it('clones from the recorded primary, trying again until it can', async () => {
      await withPeers('orders-1');
      await pod.write('no-primary', '');
      pod.start();
      await pod.until('a second try', () => Promise.resolve(pod.output.split("can't clone from orders-1").length > 2));
      assert.equal(await pod.exists('volume', 'data'), false);
      await rm(pod.file('no-primary'));
      await pod.running();
      assert.deepEqual((await readdir(pod.file('volume'))).sort(), ['.initialized', '.lock', 'data', 'tmp']);
      assert.doesNotMatch(await pod.read('calls'), /CREATE USER/);
    });

    it('sets its data aside and clones when it is ordered to, once', async () => {
      await withPeers('orders-1');
      await holdsData();
      await pod.write('volume/data/mine', '');
      await pod.write('topology/reseed', 'orders-2=x orders-0=t1');
      pod.start();
      await pod.running();
      assert.equal(await pod.exists('volume', 'data.diverged', 'mine'), true);
      assert.equal(await pod.exists('volume', 'data', 'mine'), false);
      assert.equal(await pod.read('volume', '.reseed'), 't1');
      await pod.kill();
      await rm(pod.file('serving'));
      await pod.write('volume/data/mine', '');
      pod.start();
      await pod.running();
      assert.equal(await pod.exists('volume', 'data', 'mine'), true);
    });

    it('never sets aside the data of the recorded primary', async () => {
      await withPeers('orders-0');
      await holdsData();
      await pod.write('topology/reseed', 'orders-0=t1');
      pod.start();
      await pod.running();
      assert.equal(await pod.exists('volume', 'data.diverged'), false);
    });

    it('goes on following the recorded primary and nobody else', async () => {
      await withPeers('orders-1');
      await holdsData();
      await pod.write('up', '');
      await pod.write('status', 'Waiting\torders-2.orders-headless\tuser\n');
      pod.start();
      await pod.called('SHOW BINARY LOGS');
      assert.doesNotMatch(await pod.read('calls'), /START (?:REPLICA|SLAVE)/);
      await pod.kill();
      await pod.write('status', 'Waiting\torders-1.orders-headless\tuser\n');
      pod.start();
      await pod.until('following', async () => /START (?:REPLICA|SLAVE)/.test(await pod.read('calls')));
    });

    it('removes binary logs beyond a fifth of the volume and never the last', async () => {
      await holdsData();
      await pod.write('up', '');
      await pod.write('logs', `binlog.000001\t${2 ** 60}\nbinlog.000002\t${2 ** 60}\nbinlog.000003\t10\n`);
      pod.start();
      await pod.called("PURGE BINARY LOGS TO 'binlog.000003'");
    });

    it('takes over a change of the mode without a restart', async () => {
      await holdsData();
      await pod.write('up', '');
      pod.start();
      await pod.called('SHOW BINARY LOGS');
      await pod.write('scripts/replication-mode', 'sync\n');
      await pod.until('the mark', async () =>
        /SET GLOBAL rpl_semi_sync_\w+_wait_no_\w+ = ON/.test(await pod.read('calls')),
      );
      assert.equal((await pod.read('calls')).match(/^server /gm)?.length, 1);
    });
  });
}

describe('the boot script of mariadb', function () {
  this.timeout(30_000);
  it('gives a new member the state of its source’s log, so that others can follow it one day', async () => {
    const pod = await makePod(flavours.mariadb);
    try {
      await pod.write('topology/members', 'orders-0 orders-1');
      await pod.write('topology/primary', 'orders-1');
      pod.start();
      await pod.running();
      const calls = await pod.read('calls');
      assert.match(calls, /SET GLOBAL gtid_binlog_state = '0-1-30,0-2-55'/);
      assert.match(calls, /SET GLOBAL gtid_slave_pos = '0-2-55'/);
      await pod.kill();
      await rm(pod.root, { recursive: true, force: true });
    } finally {
      await pod.kill();
    }
  });

  it('does not take a copy that was cut short', async () => {
    const pod = await makePod(flavours.mariadb);
    try {
      await pod.write('topology/members', 'orders-0 orders-1');
      await pod.write('topology/primary', 'orders-1');
      await pod.write('dump-fails', '');
      pod.start();
      await pod.until('a second try', () => Promise.resolve(pod.output.split("can't clone from orders-1").length > 2));
      assert.equal(await pod.exists('volume', 'data'), false);
    } finally {
      await pod.kill();
      await rm(pod.root, { recursive: true, force: true });
    }
  });
});
