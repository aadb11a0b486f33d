import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { lastWords, refusedConfiguration, type LastWordsSettings } from './last-words.ts';
import { words as mongodb } from './mongodb/boot.ts';
import { words as mysqlFamily } from './mysql-family/boot.ts';
import { words as postgresql } from './postgresql/boot.ts';
import { words as redis } from './redis/boot.ts';

/** A boot script as small as can be. The "server" writes the file `says` to its log and ends; it answers if `answers` is there. */
const script = (root: string, settings: LastWordsSettings): string => `#!/bin/sh
set -u
state=${root}/state config=${root}/config credentials=${root}/credentials
exec 9>${root}/lock
${lastWords(settings)}
wait_for() { wait "$1" || code=$?; }
open_log
sh -c '[ ! -e ${root}/answers ] || { sleep 0.2; rm -f ${root}/state/unanswered; sleep 0.2; }
  cat ${root}/says >&${settings.stream}; exit "$(cat ${root}/code)"' >&6 2>&7 6>&- 7>&- &
server=$!
close_log
code=0
wait_for "$server"
hear_out
why_ended "$code" >${root}/termination-log
exit "$code"
`;

class Container {
  readonly root: string;
  constructor(root: string) {
    this.root = root;
  }
  file = (...parts: string[]): string => path.join(this.root, ...parts);
  write = (name: string, text: string): Promise<void> => writeFile(this.file(name), text);
  /** The kubelet starts an ended container again: `state` stays. Answers what came to the two streams of its log. */
  async start(shell: string): Promise<{ readonly 1: string; readonly 2: string; readonly code: number | null }> {
    const child = spawn(shell, [this.file('boot.sh')], { env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' } });
    const logs = { 1: '', 2: '' };
    child.stdout.on('data', (chunk: Buffer) => (logs[1] += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (logs[2] += chunk.toString()));
    const code = await new Promise<number | null>((done) => child.once('close', done));
    return { ...logs, code };
  }
  told = (): Promise<string> => readFile(this.file('termination-log'), 'utf8');
}

interface Case {
  readonly of: string;
  readonly settings: LastWordsSettings;
  readonly configuration?: string;
  readonly says: readonly string[];
  readonly code?: number;
  readonly told: string;
}

const pg = (text: string): string => `2026-11-21 07:00:00.123 UTC [1] ${text}`;
const before = (code: number, said: string): string => `the server ended with code ${code} before it answered: ${said}`;

/** What servers really say. */
const cases: readonly Case[] = [
  {
    of: 'PostgreSQL, a library that is not there',
    settings: postgresql,
    configuration: "shared_buffers = '128MB'\nshared_preload_libraries = 'pg_stat_statements,no_such_library'\n",
    says: [
      pg('FATAL:  could not access file "no_such_library": No such file or directory'),
      pg('LOG:  database system is shut down'),
    ],
    told: `${refusedConfiguration} (shared_preload_libraries): could not access file "no_such_library": No such file or directory`,
  },
  {
    of: 'PostgreSQL, settings that exclude each other',
    settings: postgresql,
    configuration: "max_connections = '100'\nmax_wal_senders = '10'\nwal_level = 'minimal'\n",
    says: [pg('FATAL:  WAL streaming (max_wal_senders > 0) requires wal_level "replica" or "logical"')],
    told: `${refusedConfiguration} (max_wal_senders): WAL streaming (max_wal_senders > 0) requires wal_level "replica" or "logical"`,
  },
  {
    of: 'PostgreSQL, a certificate: not spec.config',
    settings: postgresql,
    configuration: "ssl_cert_file = '/etc/database/tls/tls.crt'\n",
    says: [pg('FATAL:  could not load server certificate file "/etc/database/tls/tls.crt": no start line')],
    told: before(1, 'could not load server certificate file "/etc/database/tls/tls.crt": no start line'),
  },
  {
    of: 'PostgreSQL, damaged data, whoever comes too early',
    settings: postgresql,
    configuration: "max_connections = '100'\n",
    says: [
      pg('LOG:  invalid checkpoint record'),
      pg('PANIC:  could not locate a valid checkpoint record at 0/5000028'),
      pg('postgres@postgres FATAL:  the database system is starting up'),
    ],
    told: before(1, 'could not locate a valid checkpoint record at 0/5000028'),
  },
  {
    of: 'PostgreSQL, data without its control file',
    settings: postgresql,
    says: [
      'postgres: could not find the database system',
      'Expected to find it in the directory "/var/lib/postgresql/data/pgdata",',
    ],
    code: 2,
    told: before(2, 'postgres: could not find the database system'),
  },
  {
    of: 'MySQL, a setting that the data was not made with',
    settings: mysqlFamily,
    configuration: '[mysqld]\ndefault_storage_engine = InnoDB\nlower_case_table_names = 1\n',
    says: [
      "2026-11-21T07:00:00.1Z 1 [ERROR] [MY-011087] [Server] Different lower_case_table_names settings for server ('1') and data dictionary ('0').",
      '2026-11-21T07:00:00.1Z 0 [ERROR] [MY-010119] [Server] Aborting',
    ],
    told: `${refusedConfiguration} (lower_case_table_names): [MY-011087] [Server] Different lower_case_table_names settings for server ('1') and data dictionary ('0').`,
  },
  {
    of: 'MariaDB, damaged data: not spec.config though its values are quoted',
    settings: mysqlFamily,
    configuration: '[mysqld]\ndefault_storage_engine = InnoDB\n',
    says: [
      "2026-11-21  7:00:00 0 [ERROR] Plugin 'InnoDB' registration as a STORAGE ENGINE failed.",
      '2026-11-21  7:00:00 0 [ERROR] Aborting',
    ],
    told: before(1, "Plugin 'InnoDB' registration as a STORAGE ENGINE failed."),
  },
  {
    of: 'Redis, a file that is cut',
    settings: redis,
    says: [
      '1:M 21 Nov 2026 07:00:00.123 # WARNING Memory overcommit must be enabled!',
      '1:M 21 Nov 2026 07:00:00.123 * Reading RDB base file on AOF loading...',
      '1:M 21 Nov 2026 07:00:00.124 # Bad file format reading the append only file appendonly.aof.1.incr.aof',
    ],
    told: before(1, 'Bad file format reading the append only file appendonly.aof.1.incr.aof'),
  },
  {
    of: 'MongoDB, an option that it does not know',
    settings: mongodb,
    says: ['Unrecognized option: storage.no_such', "try 'mongod --help' for more information"],
    code: 2,
    told: `${refusedConfiguration}: Unrecognized option: storage.no_such`,
  },
  {
    of: 'MongoDB, something else',
    settings: mongodb,
    says: [
      '{"t":{"$date":"2026-11-21T07:00:00.000+00:00"},"s":"I","c":"CONTROL","id":1,"ctx":"main","msg":"MongoDB starting"}',
      '{"t":{"$date":"2026-11-21T07:00:00.000+00:00"},"s":"E","c":"STORAGE","id":2,"ctx":"main","msg":"WiredTiger error","attr":{"error":{"code":8,"errmsg":"data format is too new"}}}',
      '{"t":{"$date":"2026-11-21T07:00:00.000+00:00"},"s":"F","c":"-","id":3,"ctx":"main","msg":"Fatal assertion"}',
    ],
    code: 14,
    told: before(14, 'data format is too new\nFatal assertion'),
  },
];

describe('the last words of a server that never answered', function () {
  this.timeout(10_000);
  let container: Container;
  const begin = async (settings: LastWordsSettings, says: readonly string[], code = 1, configuration = '') => {
    await container.write('boot.sh', script(container.root, settings));
    await container.write('says', says.map((line) => `${line}\n`).join(''));
    await container.write('code', String(code));
    await container.write(`config/${settings.file}`, configuration);
  };
  beforeEach(async () => {
    container = new Container(await mkdtemp(path.join(tmpdir(), 'words-')));
    await Promise.all(['state', 'config', 'credentials'].map((name) => mkdir(container.file(name))));
    await container.write('credentials/superuser-password', 'hunter2!');
    await container.write('credentials/empty', '');
  });
  afterEach(() => rm(container.root, { recursive: true, force: true }));

  for (const { of, settings, configuration, says, code = 1, told } of cases) {
    it(`are told at its second end: ${of}`, async () => {
      await begin(settings, says, code, configuration);
      const log = says.map((line) => `${line}\n`).join('');
      for (const isHeard of [false, true]) {
        const seen = await container.start('sh');
        assert.equal(seen.code, code);
        assert.equal(seen[settings.stream], log, 'the log is whole');
        assert.equal(seen[settings.stream === 1 ? 2 : 1], '');
        if (isHeard) assert.equal((await container.told()).trimEnd(), told);
        else assert.match(await container.told(), /ended with code \d+ before it answered$|its log says why$/);
      }
    });
  }

  it('are as well heard by bash', async () => {
    await begin(postgresql, [pg('FATAL:  no')]);
    await container.start('bash');
    assert.equal((await container.start('bash'))[2], `${pg('FATAL:  no')}\n`);
    assert.equal((await container.told()).trimEnd(), before(1, 'no'));
  });

  it('are never such as hold a secret', async () => {
    await begin(postgresql, [pg('FATAL:  password "hunter2!" is wrong'), pg('FATAL:  and so it ends')]);
    await container.start('sh');
    await container.start('sh');
    assert.equal((await container.told()).trimEnd(), before(1, 'and so it ends'));
  });

  it('are the last three complaints, none longer than can be read', async () => {
    await begin(
      postgresql,
      Array.from({ length: 9 }, (_, index) => pg(`FATAL:  ${index}${'x'.repeat(900)}`)),
    );
    await container.start('sh');
    await container.start('sh');
    const lines = (await container.told()).trimEnd().split('\n');
    assert.deepEqual(
      lines.map((line) => line.replace(/x+$/, '')),
      [before(1, '6'), '7', '8'],
    );
    assert.ok(lines.every((line) => line.length < 500));
  });

  it('are not listened to in a server that has answered, and its log goes on', async () => {
    await begin(postgresql, [pg('FATAL:  terminating connection'), pg('LOG:  bye')], 3);
    await container.write('answers', '');
    for (const marked of [false, true]) {
      if (marked) await container.write('state/unanswered', '');
      const seen = await container.start('sh');
      assert.equal(seen[2], `${pg('FATAL:  terminating connection')}\n${pg('LOG:  bye')}\n`);
      assert.equal(await container.told(), 'the server ended with code 3');
      await assert.rejects(stat(container.file('state', 'unanswered')));
    }
  });

  it('come after what the watchdog did', async () => {
    await begin(postgresql, [pg('FATAL:  x')]);
    await container.write('state/cut-off', 'cut off: nobody could be reached');
    await container.start('sh');
    assert.equal(await container.told(), 'cut off: nobody could be reached');
  });
});
