/** The scripts of `kubectl database connect`: the real shell runs them, clients are stand-ins that tell how they were called. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync, chmodSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { engines } from './index.ts';
import { credentialsDirectory } from './mounts.ts';

const clients = ['psql', 'mysql', 'mariadb', 'redis-cli', 'mongosh'];
const passwords = { password: String.raw`own"er\p$(x)`, 'superuser-password': 'open-sesame' };

const superusers = { postgresql: 'postgres', mysql: 'root', mariadb: 'root', mongodb: 'root', redis: 'default' };

describe('clientScript', () => {
  let root: string;
  before(() => {
    root = mkdtempSync(path.join(tmpdir(), 'database-client-'));
    mkdirSync(path.join(root, 'bin'));
    for (const [name, value] of Object.entries(passwords)) writeFileSync(path.join(root, name), `${value}\n`);
    for (const name of clients) {
      const file = path.join(root, 'bin', name);
      // What an option file holds is told after the arguments.
      writeFileSync(
        file,
        `#!/bin/sh\nprintf '%s\\n' "${name}" "$@"\necho ENVIRONMENT\nenv\necho FILE\ncat /dev/fd/3 2>/dev/null || :\n`,
      );
      chmodSync(file, 0o755);
    }
  });
  after(() => rmSync(root, { recursive: true }));

  const run = (script: string, ...args: readonly string[]): { argv: string; rest: string } => {
    const output = execFileSync('sh', ['-c', script.replaceAll(credentialsDirectory, root), 'client', ...args], {
      encoding: 'utf8',
      env: { PATH: `${root}/bin:/usr/bin:/bin`, APP_USER: 'shop_app', APP_DATABASE: 'shop' },
    });
    const [argv = '', rest = ''] = output.split('ENVIRONMENT\n');
    return { argv, rest };
  };

  for (const { name, runtime } of engines) {
    for (const who of ['owner', 'superuser'] as const) {
      it(`${name}: logs in as ${who} without a password in an argument`, () => {
        const { argv, rest } = run(runtime!.clientScript(who), '-x', 'two words');
        assert.match(argv, /\n-x\ntwo words\n$/, 'arguments are passed on');
        for (const password of Object.values(passwords)) assert.ok(!argv.includes(password), argv);
        const user = { owner: 'shop_app', superuser: superusers[name] }[who];
        assert.match(argv + rest, new RegExp(`(?:--user\\n|user=|PGUSER=|auth\\(')${user}\\b`));
      });
    }
  }

  it('quotes what means something in an option file', () => {
    for (const { runtime } of engines.filter(({ name }) => name === 'mysql' || name === 'mariadb')) {
      const { rest } = run(runtime!.clientScript('owner'));
      assert.ok(rest.includes(String.raw`password="own\"er\\p$(x)"`), rest);
    }
  });
});
