/** `kubectl database` on a real API server, beside a real operator. There are no nodes: pods stay Pending. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runPlugin, startPlugin, type PluginRun } from '../support/plugin.ts';
import {
  controlPlane,
  eventually,
  expectKubectl,
  getObject,
  installCrds,
  kubectl,
  uniqueNamespace,
} from './harness.ts';
import { startTestOperator, type TestOperator } from './operator.ts';

interface Stored {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>>; readonly resourceVersion: string };
  readonly spec: {
    readonly hibernate?: boolean;
    readonly podTemplate?: { readonly annotations?: Readonly<Record<string, string>> };
  };
  readonly status?: { readonly phase?: string };
}

describe('kubectl database', function () {
  this.timeout(120_000);
  let operator: TestOperator;
  let namespace: string;
  let kubeconfig: string;
  let folder: string;

  const run = (args: readonly string[], input?: string): Promise<PluginRun> =>
    runPlugin(args, { kubeconfig, cwd: folder, ...(input !== undefined && { input }) });
  const inside = (command: string, ...args: string[]): Promise<PluginRun> => run([command, '-n', namespace, ...args]);
  const ok = async (command: string, ...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await inside(command, ...args);
    assert.equal(code, 0, `${stdout}${stderr}`);
    return stdout;
  };
  const stored = async (): Promise<Stored> => (await getObject<Stored>('database', namespace, 'orders'))!;
  const manifest = (spec: object = {}, name = 'orders'): string =>
    JSON.stringify({
      apiVersion: 'example.com/v1',
      kind: 'Database',
      metadata: { name },
      spec: { engine: 'postgresql', version: '17', replicas: 3, storage: { size: '1Gi' }, ...spec },
    });

  before(async () => {
    await installCrds();
    ({ kubeconfig } = await controlPlane());
    namespace = await uniqueNamespace('plugin');
    folder = await mkdtemp(path.join(tmpdir(), 'kubectl-database-'));
    operator = await startTestOperator();
    await expectKubectl(['apply', '-n', namespace, '-f', '-'], manifest());
    await eventually(async () => (await stored()).status?.phase === 'Creating', 30_000);
  });
  after(async () => {
    await kubectl(['delete', 'databases', '--all', '-n', namespace, '--timeout=60s']);
    await operator.stop();
    await rm(folder, { recursive: true });
  });

  it('shows how a Database stands', async () => {
    const screen = await ok('status', 'orders');
    assert.match(screen, new RegExp(`^${namespace}/orders {2}PostgreSQL 17 {2}Creating {2}0 of 3 ready`));
    assert.match(screen, new RegExp(`Writes +orders-primary\\.${namespace}\\.svc\\.cluster\\.local:5432`));
    assert.doesNotMatch(screen, new RegExp(String.fromCharCode(27)), 'no colours where there is no terminal');
    const json = JSON.parse(await ok('status', 'orders', '-o', 'json')) as Record<string, unknown>;
    assert.equal(json['engine'], 'postgresql');
    // There is no StorageClass here, and somebody has to be told.
    const [wrong] = json['wrong'] as { what: string; seen: string; remedy: string }[];
    assert.deepEqual(Object.keys(wrong ?? {}), ['what', 'seen', 'remedy']);
    assert.ok(
      screen.includes(`What is wrong\n  ! ${wrong?.what ?? ''}\n    seen: ${wrong?.seen ?? ''}\n    do:   `),
      screen,
    );
  });

  it('names what may have been meant when there is no such Database', async () => {
    const near = await inside('status', 'order');
    assert.equal(near.code, 1);
    assert.equal(near.stderr, `no Database order in namespace ${namespace}; did you mean orders?\n`);
    const { stderr } = await inside('status', 'billing');
    assert.equal(stderr, `no Database billing in namespace ${namespace}; there are: orders\n`);
    const elsewhere = await run(['status', '-n', 'default', 'billing']);
    assert.match(
      elsewhere.stderr,
      /no Database billing in namespace default; there is none: is it in another namespace\?/,
    );
  });

  it('says what to check when no cluster answers, or none is configured', async () => {
    const file = path.join(folder, 'nowhere.yaml');
    const text = await readFile(kubeconfig, 'utf8');
    await writeFile(file, text.replace(/https:\/\/[^"'\s]+/, 'https://127.0.0.1:1'));
    const { code, stderr } = await run(['status', 'orders', '--kubeconfig', file]);
    assert.equal(code, 1);
    assert.match(stderr, /no answer from https:\/\/127\.0\.0\.1:1[\s\S]*Check --context and --kubeconfig/);
    const none = await runPlugin(['status', 'orders'], { kubeconfig: '', cwd: folder });
    assert.equal(none.stderr, 'no cluster found: give --kubeconfig FILE, or set KUBECONFIG\n');
  });

  it('plans a change against what is stored, without changing it', async () => {
    const before = await stored();
    const { code, stdout } = await run(
      ['plan', '-n', namespace, '-f', '-'],
      manifest({ replicas: 1, config: { maxConnections: 50 } }),
    );
    assert.equal(code, 0);
    assert.match(stdout, new RegExp(`^allowed {2}Database ${namespace}/orders: .*`));
    assert.match(stdout, /delete|restart|apply/);
    const same = await run(['plan', '-n', namespace, '-f', '-', '-o', 'json'], manifest());
    const { items } = JSON.parse(same.stdout) as { items: { plan: { steps: unknown[] } }[] };
    assert.deepEqual(items[0]?.plan.steps, [], same.stdout);
    assert.equal((await stored()).metadata.resourceVersion, before.metadata.resourceVersion);
  });

  it('validates with what only the cluster knows: what is stored, classes, references, unknown fields', async () => {
    const shrunk = await run(['validate', '-n', namespace, '-f', '-'], manifest({ storage: { size: '512Mi' } }));
    assert.equal(shrunk.code, 1, shrunk.stdout);
    assert.match(shrunk.stdout, /^REFUSED {2}Database .*\/orders\n {2}spec\.storage\.size: /);
    const classless = await run(
      ['validate', '-n', namespace, '-f', '-'],
      manifest({ storage: { size: '1Gi', storageClass: 'gold' } }, 'other'),
    );
    assert.match(classless.stdout, /StorageClass|storageClass/);
    const unknown = await run(['validate', '-n', namespace, '-f', '-'], manifest({ replcas: 2 }, 'other'));
    assert.equal(unknown.code, 1, unknown.stdout);
    assert.match(unknown.stdout, /replcas/);
    const good = await run(['validate', '-n', namespace, '-f', '-', '-o', 'json'], manifest({}, 'other'));
    assert.equal(good.code, 0, good.stdout);
    assert.equal(await getObject('database', namespace, 'other'), undefined);
  });

  it('validates by the rules alone where there is no cluster', async () => {
    const { code, stdout, stderr } = await runPlugin(['validate', '-f', '-'], {
      kubeconfig: '',
      cwd: folder,
      input: manifest({ replicas: 99 }),
    });
    assert.equal(code, 1);
    assert.match(stderr, /no cluster is configured: the rules alone are asked/);
    assert.match(stdout, /spec\.replicas/);
  });

  it('hibernates and wakes, and tells the plan of it', async () => {
    const { code, stderr, stdout } = await inside('hibernate', 'orders');
    assert.equal(code, 0, stderr);
    assert.match(stderr, /Warning: plan: stops all servers/);
    assert.equal(stdout, 'orders sleeps; kubectl database wake orders starts it\n');
    assert.equal((await stored()).status?.phase, 'Hibernated');
    assert.match(await ok('status', 'orders'), /Hibernated {2}0 of 0 ready/);
    assert.equal(await ok('hibernate', 'orders'), 'orders sleeps already\n');
    for (const command of ['restart', 'connect']) {
      assert.match(
        (await inside(command, 'orders')).stderr,
        /orders hibernates: kubectl database wake orders starts it/,
      );
    }
    assert.equal(await ok('wake', 'orders', '--wait=false'), 'orders is being started\n');
    assert.equal((await stored()).spec.hibernate, false);
  });

  it('gives up following in time, and says that it goes on', async () => {
    const { code, stderr } = await inside('restart', 'orders', '--timeout', '2s');
    assert.equal(code, 1);
    assert.match(stderr, /not done within 2s; last: [\s\S]*It goes on in the cluster: kubectl database status orders/);
    const { annotations = {} } = (await stored()).spec.podTemplate ?? {};
    assert.match(annotations['kubectl.kubernetes.io/restartedAt'] ?? '', /^\d{4}-/);
  });

  it('asks for a switchover to a member that there is, and shows why it is refused', async () => {
    const { code, stderr } = await inside('promote', 'orders', 'orders-7');
    assert.equal(code, 1);
    assert.match(stderr, /no member orders-7 in orders/);
    await expectKubectl(['apply', '-n', namespace, '-f', '-'], manifest({ replicas: 1 }, 'lone'));
    const lone = await inside('promote', 'lone');
    assert.match(lone.stderr, /lone has one member: there is nobody to take over/);
  });

  it('makes a DatabaseBackup, and says so when nobody acts on it', async () => {
    assert.equal(await ok('backup', 'orders', '--name', 'before-work', '--wait=false'), 'before-work\n');
    const backup = await getObject<{ spec: unknown }>('databasebackup', namespace, 'before-work');
    assert.deepEqual(backup?.spec, { databaseRef: { name: 'orders' }, suspend: false });
    const again = await inside('backup', 'orders', '--name', 'before-work');
    assert.match(again.stderr, /already exists/);
  });

  it('prints the manifest of a restore', async () => {
    const text = await ok('restore', 'orders2', '--from', 'before-work', '--dry-run');
    assert.match(text, /name: orders2[\s\S]*backupRef:\n\s+name: before-work/);
    const missing = await inside('restore', 'orders2', '--from', 'before-wrok', '--dry-run');
    assert.match(missing.stderr, /no DatabaseBackup before-wrok in .*; did you mean before-work\?/);
    const moment = await inside(
      'restore',
      'orders2',
      '--like',
      'orders',
      '--time',
      '2026-01-01T00:00:00Z',
      '--dry-run',
    );
    assert.match(moment.stderr, /orders stores no log between backups/);
  });

  it('completes commands, flags, Databases and members', async () => {
    const complete = async (...words: string[]): Promise<readonly string[]> =>
      (await run(['__complete', ...words])).stdout.split('\n').map((line) => line.split('\t')[0] ?? '');
    assert.deepEqual(await complete('sta'), ['status', ':4', '']);
    assert.deepEqual(await complete('promote', '--ti'), ['--timeout', ':4', '']);
    assert.deepEqual(await complete('status', '-n', namespace, 'or'), ['orders', ':4', '']);
    assert.deepEqual(await complete('restore', 'new', '-n', namespace, '--from', ''), ['before-work', ':4', '']);
    assert.deepEqual(await complete('plan', '-f', ''), [':0', '']);
    assert.deepEqual(await complete('nonsense', ''), [':4', '']);
  });

  it('follows until Ctrl-C, which stops the following only', async () => {
    const running = startPlugin(['restart', 'orders', '-n', namespace], { kubeconfig });
    await eventually(() => running.stderr().includes('Creating'), 60_000);
    running.child.kill('SIGINT');
    const { code, stderr } = await running.finished;
    assert.equal(code, 130, stderr);
    assert.match(stderr, /it goes on in the cluster|goes on in the cluster/);
  });
});
