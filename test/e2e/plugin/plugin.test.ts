/** `kubectl database …` as kubectl runs it, on a real node: what people do with a database from day to day. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { run, type Cluster, type Output } from '../cluster.ts';
import { databaseYaml, startEnvironment, type Environment } from '../environment.ts';
import { pluginPath, type PluginPath } from '../plugin-path.ts';

const images = ['postgres-17', 'mysql-8.0', 'mariadb-11.8', 'redis-8.0'];

describe('kubectl database on a real node', function () {
  this.timeout(300_000);
  let environment: Environment;
  let cluster: Cluster;
  let namespace: string;
  let tools: PluginPath;
  let folder: string;

  /** A non-zero exit is a value. */
  const plugin = (args: readonly string[], input?: string): Promise<Output> =>
    tools.kubectl(['database', ...args], input);
  const ok = async (command: string, name: string, args: readonly string[] = [], input?: string): Promise<string> => {
    const { code, stdout, stderr } = await plugin([command, name, '-n', namespace, ...args], input);
    assert.equal(code, 0, `${stdout}${stderr}`);
    return stdout;
  };
  const primary = async (): Promise<unknown> =>
    (await cluster.get('database', namespace, 'orders'))?.status?.['currentPrimary'];

  before(async () => {
    environment = await startEnvironment('plugin', images);
    ({ cluster, namespace } = environment);
    tools = await pluginPath(cluster);
    ({ folder } = tools);
    const lone = [
      ['catalog', 'mysql', '8.0'],
      ['wiki', 'mariadb', '11.8'],
      ['cache', 'redis', '8.0'],
    ] as const;
    const size = { storage: { size: '1Gi' } };
    const all = [
      databaseYaml('orders', namespace, { engine: 'postgresql', version: '17', replicas: 3, ...size }),
      ...lone.map(([name, engine, version]) => databaseYaml(name, namespace, { engine, version, ...size })),
    ];
    await cluster.expectKubectl(['apply', '-f', '-'], { input: all.join('---\n') });
    await Promise.all(['orders', 'catalog', 'wiki', 'cache'].map((name) => environment.phase(name, 'Running')));
    await environment.settled('orders');
  });
  after(async () => {
    await environment.stop();
    await tools.remove();
  });

  it('is a plugin of kubectl, which completes it', async () => {
    const listed = await tools.kubectl(['plugin', 'list']);
    assert.match(listed.stdout, /kubectl-database/);
    const completed = await tools.kubectl(['__complete', 'database', 'status', '-n', namespace, 'or']);
    assert.match(completed.stdout, /^orders\n:4/);
  });

  it('shows a healthy database on one screen', async () => {
    const screen = await ok('status', 'orders');
    process.stderr.write(screen.replaceAll(/^/gm, '    '));
    assert.match(screen, /orders-0 +primary +ready/);
    assert.match(screen, /orders-2 +replica +ready +0s +Running/);
    assert.match(screen, /No fault is known/);
  });

  const sql = { statement: 'select 6*7 as answer;\n', pattern: /42/ };
  const engines = [
    ['orders', sql, "select current_user, 'x'"],
    ['catalog', sql, 'select current_user()'],
    ['wiki', sql, 'select current_user()'],
    ['cache', { statement: 'SET answer 42\nGET answer\n', pattern: /42/ }, 'ACL WHOAMI'],
  ] as const;
  for (const [name, { statement, pattern }, whoami] of engines) {
    it(`connects to ${name} as its owner, and as its superuser`, async () => {
      assert.match(await ok('connect', name, [], statement), pattern);
      const owner = await ok('connect', name, [], `${whoami};\n`.replace('WHOAMI;', 'WHOAMI'));
      assert.match(owner, new RegExp(name));
      const superuser = await ok('connect', name, ['--superuser'], `${whoami};\n`.replace('WHOAMI;', 'WHOAMI'));
      assert.match(superuser, /postgres|root|default/);
    });
  }

  it('passes arguments to the client, and reads from a replica', async () => {
    assert.match(await ok('connect', 'orders', ['--', '-Atc', 'select pg_is_in_recovery()']), /^f/);
    assert.match(await ok('connect', 'orders', ['--replica', '--', '-Atc', 'select pg_is_in_recovery()']), /^t/);
    assert.match(
      await ok('connect', 'orders', ['--pod', 'orders-2', '--', '-Atc', 'select pg_is_in_recovery()']),
      /^t/,
    );
  });

  it('gives a person at a terminal the prompt of the client', async () => {
    const command = [
      ...tools.environment.map((pair) => `'${pair}'`),
      `kubectl database connect orders -n ${namespace}`,
    ].join(' ');
    const { stdout } = await run(
      'sh',
      ['-c', `(sleep 6; printf 'select 40+2;\\n\\\\q\\n'; sleep 2) | script -qec "env ${command}" /dev/null`],
      {
        timeoutMs: 60_000,
      },
    );
    assert.match(stdout, /orders=> [\s\S]*42/);
  });

  it('promotes another member, and the one that is named', async () => {
    assert.equal(await primary(), 'orders-0');
    const said = await plugin(['promote', 'orders', 'orders-2', '-n', namespace]);
    assert.equal(said.code, 0, said.stderr);
    assert.equal(said.stdout, 'orders-2 is the primary\n');
    assert.equal(await primary(), 'orders-2');
    assert.equal(await ok('promote', 'orders', ['orders-2']), 'orders-2 is the primary already\n');
    await environment.settled('orders');
    await ok('promote', 'orders');
    assert.notEqual(await primary(), 'orders-2');
  });

  it('restarts every server, one at a time', async () => {
    await environment.settled('orders');
    const uids = async (): Promise<readonly string[]> =>
      (await cluster.list('pod', namespace, 'app=orders')).map(({ metadata }) => metadata.uid);
    const before = await uids();
    const { code, stdout, stderr } = await plugin(['restart', 'orders', '-n', namespace, '--timeout', '4m']);
    assert.equal(code, 0, stderr);
    assert.equal(stdout, 'orders runs, everything is as the spec says\n');
    assert.match(stderr, /RestartingServer/);
    const after = await uids();
    assert.equal(after.length, 3);
    assert.deepEqual(
      after.filter((uid) => before.includes(uid)),
      [],
    );
  });

  it('follows the logs of all members, through a restart of one', async () => {
    let seen = '';
    const stop = follow(['logs', 'orders', '-n', namespace, '-f'], (text) => (seen += text));
    await delay(6000);
    for (const pod of ['orders-0', 'orders-1', 'orders-2']) assert.match(seen, new RegExp(`^\\[${pod}\\] `, 'm'));
    await cluster.expectKubectl(['delete', 'pod', 'orders-1', '-n', namespace]);
    await environment.settled('orders');
    await ok('connect', 'orders', [
      '--superuser',
      '--pod',
      'orders-1',
      '--',
      '-c',
      "do $$ begin raise log 'after the restart'; end $$",
    ]);
    await delay(5000);
    stop();
    assert.match(seen, /^\[orders-1\] .*after the restart/m);
    const lines = seen.split('\n').filter((line) => line !== '');
    assert.equal(new Set(lines).size, lines.length, 'no line comes twice');
  });

  it('hibernates and wakes', async () => {
    assert.match(await ok('hibernate', 'cache'), /cache sleeps/);
    assert.match((await plugin(['connect', 'cache', '-n', namespace])).stderr, /cache hibernates/);
    assert.match(await ok('wake', 'cache'), /cache runs/);
    assert.match(await ok('connect', 'cache', [], 'GET answer\n'), /42/);
  });

  it('says what is wrong and what to do', async () => {
    await cluster.expectKubectl(['apply', '-f', '-'], {
      input: databaseYaml('stuck', namespace, {
        engine: 'postgresql',
        image: 'postgres:17.1-nowhere',
        version: '17.1',
        storage: { size: '1Gi' },
      }),
    });
    await environment.phase('stuck', 'Failed');
    const screen = await ok('status', 'stuck');
    process.stderr.write(screen.replaceAll(/^/gm, '    '));
    assert.match(screen, /What is wrong\n {2}! .*\n {4}seen: [\s\S]*\n {4}do: /);
  });

  it('reports without any value of any Secret, even one that a server has logged', async () => {
    await cluster.expectKubectl([
      'create',
      'secret',
      'generic',
      'unrelated',
      '-n',
      namespace,
      '--from-literal=key=Kq7-unrelated-value',
    ]);
    const secrets = await cluster.list('secret', namespace);
    const values = secrets.flatMap(({ data = {} }) =>
      Object.entries(data)
        .filter(([key]) => !['username', 'host', 'port', 'database'].includes(key))
        .map(([, value]) => value),
    );
    const plain = values.map((value) => Buffer.from(value, 'base64').toString());
    assert.ok(values.length > 20, String(values.length));
    for (const value of plain) {
      const quoted = value.replaceAll("'", "''");
      await ok('connect', 'orders', ['--superuser', '--', '-qc', `do $$ begin raise log '%', '${quoted}'; end $$`]);
    }
    const file = path.join(folder, 'report.tar.gz');
    assert.equal(await ok('report', 'orders', ['--file', file]), `${file}\n`);
    await run('tar', ['-xzf', file, '-C', folder]);
    const [root = ''] = (await readdir(folder)).filter((name) => name.startsWith('report-') && !name.endsWith('.gz'));
    const files = (await readdir(path.join(folder, root), { recursive: true, withFileTypes: true })).filter((entry) =>
      entry.isFile(),
    );
    const texts = await Promise.all(files.map((entry) => readFile(path.join(entry.parentPath, entry.name), 'utf8')));
    const all = texts.join('\n');
    assert.match(all, /<redacted>/);
    const primaryLog = texts[files.findIndex(({ name }) => name === `${String(leader)}-postgresql.log`)];
    assert.ok((primaryLog?.match(/LOG:.*<redacted>/g)?.length ?? 0) >= values.length, 'the values were in the log');
    for (const value of [...values, ...plain]) assert.ok(!all.includes(value), 'a value of a Secret is in the report');
    const names = files.map(({ name }) => name);
    for (const name of [
      'status.txt',
      'database.yaml',
      'events.txt',
      'README.txt',
      'StatefulSet-orders.yaml',
      'orders-0-postgresql.log',
    ]) {
      assert.ok(names.includes(name), `${name} is not among ${names.join(' ')}`);
    }
  });

  let leader: unknown;
  beforeEach(async () => {
    leader = await primary();
  });

  /** Answers what ends it. */
  function follow(args: readonly string[], onText: (text: string) => void): () => void {
    const [binary, ...rest] = ['env', ...tools.environment, 'kubectl', 'database', ...args] as [string, ...string[]];
    const child = spawn(binary, rest, { stdio: ['ignore', 'pipe', 'inherit'] });
    child.stdout.on('data', (chunk: Buffer) => onText(chunk.toString()));
    return () => void child.kill('SIGINT');
  }
});
