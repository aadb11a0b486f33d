import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { bootScript as mongodb } from './mongodb/boot.ts';
import { bootScript as redis } from './redis/boot.ts';

/** The real shell runs the real scripts; only the servers' binaries are stand-ins. */
const endsAsTold = `[ ! -e "$STATE/answers" ] || { exec 1>&- 2>&-; while [ ! -e "$STATE/crash" ]; do sleep 0.05; done; exit 3; }
cat "$STATE/log"; cat "$STATE/errors" >&2; exit "$(cat "$STATE/code")"`;
const binaries: Readonly<Record<string, string>> = {
  'redis-server': `[ "$1" != --version ] || { echo 'Redis server v=8.0.2 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64'; exit 0; }
${endsAsTold}`,
  'redis-cli': `[ -e "$STATE/answers" ] || exit 1
case $* in
  *PING) echo PONG ;;
  *'INFO replication') echo 'master_replid:0123' ;;
  *EVAL*) sleep 1 ;;
  *) printf 'OK\\nOK\\n' ;;
esac`,
  mongod: endsAsTold,
  mongosh: `[ -e "$STATE/answers" ]`,
};

class Pod {
  readonly root: string;
  output = '';
  constructor(root: string) {
    this.root = root;
  }
  file = (...parts: string[]): string => path.join(this.root, ...parts);
  write = (name: string, text: string): Promise<void> => writeFile(this.file(name), text);
  exists = (name: string): Promise<boolean> =>
    stat(this.file(name)).then(
      () => true,
      () => false,
    );
  /** Runs until it ends by itself; answers its termination message. */
  async run(during?: () => Promise<void>): Promise<string> {
    await this.write('termination-log', '');
    const child = spawn('sh', [this.file('boot.sh')], {
      env: {
        PATH: `${this.file('bin')}:/usr/bin:/bin`,
        STATE: this.root,
        POD_NAME: 'orders-0',
        POD_NAMESPACE: 'shop',
        HEADLESS_SERVICE: 'orders-headless',
        REPLICA_SET: 'orders',
        APP_DATABASE: 'orders',
        APP_USER: 'orders',
      },
      detached: true,
    });
    this.output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    }
    const ended = new Promise<void>((done) => child.once('exit', () => done()));
    try {
      await during?.();
      await ended;
    } finally {
      try {
        // What runs beside the server ends with the container.
        process.kill(-(child.pid ?? 0), 'SIGKILL');
      } catch {
        // Gone already.
      }
    }
    return readFile(this.file('termination-log'), 'utf8');
  }
}

interface Refusal {
  readonly what: string;
  readonly log?: string;
  readonly errors?: string;
  readonly code: number;
  /** At the first end, and at the next. */
  readonly told: readonly [RegExp, RegExp];
}

const redisErrors = `
*** FATAL CONFIG FILE ERROR (Redis 8.0.2) ***
Reading the configuration file, at line 5
>>> 'no-such-directive yes'
Bad directive or wrong number of arguments
`;
const directive = /^the server refuses its configuration, so spec\.config has to change: >>> 'no-such-directive yes'/;
const options = /^the server refuses its configuration, so spec\.config has to change: /;

const engines: Readonly<
  Record<string, { readonly script: (root: string) => string; readonly refusals: readonly Refusal[] }>
> = {
  redis: {
    script: (root) => redis({ ...places(root), exporter: `${root}/exporter` }),
    refusals: [
      { what: 'a directive that it does not know', errors: redisErrors, code: 1, told: [directive, directive] },
      {
        what: 'data that it can’t read',
        log: "1:M 21 Nov 2026 07:00:00.124 # Can't handle RDB format version 13\n",
        code: 1,
        told: [/^the server ended with code 1 before it answered$/, /answered: Can't handle RDB format version 13/],
      },
    ],
  },
  mongodb: {
    script: (root) => mongodb(places(root)),
    refusals: [
      {
        what: 'an option that it does not know',
        errors: "Unrecognized option: storage.noSuch\ntry 'mongod --help' for more information\n",
        code: 2,
        told: [options, /has to change: Unrecognized option: storage\.noSuch$/m],
      },
      {
        what: 'data that it can’t read',
        log: '{"t":{},"s":"F","c":"CONTROL","id":20573,"ctx":"initandlisten","msg":"Wrong mongod version","attr":{"error":"UPGRADE PROBLEM"}}\n',
        code: 62,
        told: [/^the server ended with code 62 before it answered$/, /answered: Wrong mongod version/],
      },
    ],
  },
};

const places = (root: string) => ({
  volume: `${root}/volume`,
  data: `${root}/volume/data`,
  state: `${root}/state`,
  scripts: `${root}/scripts`,
  topology: `${root}/topology`,
  config: `${root}/config`,
  credentials: `${root}/credentials`,
  terminationLog: `${root}/termination-log`,
  interval: 1,
  port: 6379,
});

for (const [name, { script, refusals }] of Object.entries(engines)) {
  describe(`the boot script of ${name}`, function () {
    this.timeout(10_000);
    let pod: Pod;
    beforeEach(async () => {
      pod = new Pod(await mkdtemp(path.join(tmpdir(), 'boot-')));
      const folders = ['bin', 'volume', 'state', 'scripts', 'topology', 'config', 'credentials', 'exporter'];
      await Promise.all(folders.map((folder) => mkdir(pod.file(folder))));
      await Promise.all([
        pod.write('boot.sh', script(pod.root)),
        pod.write('topology/primary', 'orders-0'),
        pod.write('topology/members', 'orders-0'),
        pod.write('scripts/begin.js', ''),
        pod.write('config/redis.conf', 'maxmemory 100mb\n'),
        pod.write('config/mongod.conf', 'net:\n  port: 27017\n'),
        pod.write('log', ''),
        pod.write('errors', ''),
        ...['password', 'superuser-password', 'replication-password', 'monitor-password'].map((file) =>
          pod.write(`credentials/${file}`, `the-${file}`),
        ),
        ...Object.entries(binaries).map(async ([binary, body]) => {
          await pod.write(`bin/${binary}`, `#!/bin/sh\n${body}\n`);
          await chmod(pod.file('bin', binary), 0o755);
        }),
      ]);
    });
    afterEach(() => rm(pod.root, { recursive: true, force: true }));

    for (const { what, log = '', errors = '', code, told } of refusals) {
      it(`says why the server does not start: ${what}`, async () => {
        await pod.write('log', log);
        await pod.write('errors', errors);
        await pod.write('code', String(code));
        for (const expected of told) {
          const message = await pod.run();
          assert.match(message, expected, pod.output);
          assert.doesNotMatch(message, /the-\w*-?password/);
          assert.ok(pod.output.includes(log) && pod.output.includes(errors), 'the log is whole');
        }
      });
    }

    it('says of a server that has answered only how it ended', async () => {
      await pod.write('answers', '');
      const message = await pod.run(async () => {
        for (let tries = 0; tries < 400; tries++) {
          if ((await pod.exists('state/phase')) && !(await pod.exists('state/unanswered'))) {
            if ((await readFile(pod.file('state/phase'), 'utf8')) === 'running') break;
          }
          await new Promise((done) => setTimeout(done, 20));
        }
        await pod.write('crash', '');
      });
      assert.equal(message, 'the server ended with code 3', pod.output);
    });
  });
}
