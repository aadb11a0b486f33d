/** What admission knows of the cluster, through the real API server: caches of a running operator, whole and namespaced. */
import assert from 'node:assert/strict';
import { eventually, expectKubectl, installCrds, kubectl, uniqueNamespace } from './harness.ts';
import { startTestOperator, type TestOperator } from './operator.ts';

type Spec = Readonly<Record<string, unknown>>;

const consent = 'database.example.com/allow-references';

describe('live facts', function () {
  this.timeout(90_000);
  let operator: TestOperator;
  let namespace: string;
  let other: string;

  const manifest = (kind: string, name: string, spec: Spec, at = namespace): string =>
    JSON.stringify({ apiVersion: 'example.com/v1', kind, metadata: { name, namespace: at }, spec });
  const database = (name: string, spec: Spec = {}, at = namespace): string =>
    manifest('Database', name, { engine: 'postgresql', version: '17', storage: { size: '1Gi' }, ...spec }, at);
  const user = (name: string, spec: Spec = {}, at = namespace): string =>
    manifest('DatabaseUser', name, { databaseRef: { name: 'orders' }, privileges: [], ...spec }, at);
  const redis = (name: string): string => manifest('RedisCluster', name, { nodes: 3, storage: { size: '1Gi' } });
  const storageClass = (name: string, allowVolumeExpansion: boolean): string =>
    JSON.stringify({
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name },
      provisioner: 'none.example.org',
      allowVolumeExpansion,
    });
  const apply = (text: string) => kubectl(['apply', '-f', '-'], text);
  const dryRun = (text: string) => kubectl(['apply', '--dry-run=server', '-f', '-'], text);
  /** Caches follow within moments; this waits for them. */
  const says = (text: string, pattern: RegExp): Promise<unknown> =>
    eventually(async () => {
      const { stderr } = await dryRun(text);
      if (pattern.test(stderr)) return true;
      throw new Error(stderr);
    });
  const admits = (text: string, silent: RegExp): Promise<unknown> =>
    eventually(async () => {
      const { code, stderr } = await dryRun(text);
      if (code === 0 && !silent.test(stderr)) return true;
      throw new Error(stderr);
    });

  before(async () => {
    await installCrds();
    namespace = await uniqueNamespace('facts');
    other = await uniqueNamespace('facts-other');
    operator = await startTestOperator();
    for (const [name, grows] of [
      ['facts-rigid', false],
      ['facts-elastic', true],
    ] as const) {
      await expectKubectl(['apply', '-f', '-'], storageClass(name, grows));
    }
    await expectKubectl(['apply', '-f', '-'], database('orders'));
  });
  after(async () => {
    await operator.stop();
    await expectKubectl(['delete', 'storageclass', 'facts-rigid', 'facts-elastic']);
  });

  it('a class that is missing is told, with the nearest; one that is there is not mentioned', async () => {
    const withClass = (name: string) => database('classy', { storage: { size: '1Gi', storageClass: name } });
    await says(
      withClass('facts-elastc'),
      /StorageClass "facts-elastc" does not exist .*did you mean "facts-elastic"\?/s,
    );
    await admits(withClass('facts-elastic'), /StorageClass/);
  });

  it('growth is refused on a class that can not expand, and admitted on one that can', async () => {
    for (const name of ['rigid', 'elastic']) {
      const storageClass = `facts-${name}`;
      await expectKubectl(['apply', '-f', '-'], database(name, { storage: { size: '1Gi', storageClass } }));
    }
    const grown = (name: string) => database(name, { storage: { size: '2Gi', storageClass: `facts-${name}` } });
    await says(
      grown('rigid'),
      /spec\.storage\.size: Forbidden: StorageClass facts-rigid can't grow volumes from 1Gi to 2Gi/,
    );
    await admits(grown('elastic'), /not checked/);
  });

  it('a reference into another namespace needs its consent, and gets on with it', async () => {
    const across = user('across', { databaseRef: { name: 'orders', namespace } }, other);
    await says(across, new RegExp(`databaseRef.namespace: Forbidden: namespace ${namespace} does not consent`));
    await expectKubectl(['label', 'namespace', namespace, `${consent}=true`]);
    await admits(across, /consent/);
    await expectKubectl(['label', 'namespace', namespace, `${consent}-`]);
    await says(across, /does not consent/);
  });

  it('a second object for one user is refused and told of the first', async () => {
    await expectKubectl(['apply', '-f', '-'], user('first', { username: 'reporting' }));
    const second = user('second', { username: 'reporting' });
    await says(second, new RegExp(`spec.username: Duplicate value: "reporting": DatabaseUser ${namespace}/first owns`));
    assert.equal(
      (await apply(user('first', { username: 'reporting', reclaimPolicy: 'Delete' }))).code,
      0,
      'the first may change',
    );
    await expectKubectl(['delete', 'databaseuser', 'first', '-n', namespace]);
    await admits(second, /owns/);
  });

  it('a RedisCluster and a Database of one name clash, whoever was first', async () => {
    await says(redis('orders'), /metadata\.name: Invalid value: "orders": a Database of this namespace has the name/);
    await expectKubectl(['apply', '-f', '-'], redis('sessions'));
    await says(database('sessions'), /metadata\.name: Invalid value: "sessions": a RedisCluster of this namespace/);
  });

  it('a Database that is not there is a warning with the nearest name', async () => {
    await says(user('lost', { databaseRef: { name: 'ordres' } }), /does not exist yet.*did you mean "orders"\?/s);
  });

  it('deletion tells who still needs it, what stays and what goes', async () => {
    await expectKubectl(['apply', '-f', '-'], database('leaving'));
    const dependent = user('dependent', { databaseRef: { name: 'leaving' } });
    await expectKubectl(['apply', '-f', '-'], dependent);
    const remove = (name: string) => kubectl(['delete', 'database', name, '-n', namespace, '--dry-run=server']);
    await eventually(async () => (await remove('leaving')).stderr.includes('DatabaseUser'));
    const kept = (await remove('leaving')).stderr.replaceAll(/\s*\nWarning: … /g, ' ');
    assert.match(kept, new RegExp(`still needed by DatabaseUser ${namespace}/dependent`));
    assert.match(kept, /Retain: volumes and Secrets of leaving stay/);

    await expectKubectl(['apply', '-f', '-'], database('leaving', { deletionPolicy: 'Delete' }));
    assert.match((await remove('leaving')).stderr, /Delete: volumes, credentials and all data go now/);
    const backup = { enabled: true, destination: { pvc: { size: '2Gi' } } };
    await expectKubectl(['apply', '-f', '-'], database('leaving', { deletionPolicy: 'Snapshot', backup }));
    const snapshot = (await remove('leaving')).stderr.replaceAll(/\s*\nWarning: … /g, ' ');
    assert.match(snapshot, /Snapshot: a last backup goes to claim leaving-backup-pvc/);

    await expectKubectl(['apply', '-f', '-'], database('leaving', { deletionProtection: true }));
    const { code, stderr } = await remove('leaving');
    assert.equal(code, 1);
    const [, command] = /run first: kubectl (.*)$/m.exec(stderr) ?? [];
    assert.ok(command, stderr);
    const args = [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
    await expectKubectl(args);
    await expectKubectl(['delete', 'database', 'leaving', '-n', namespace]);
  });

  it('a definition stays while objects of it exist, in any namespace', async () => {
    const remove = (name: string) => kubectl(['delete', 'crd', name, '--dry-run=server']);
    const { code, stderr } = await remove('databases.example.com');
    assert.equal(code, 1);
    assert.match(stderr, /databases exist \(.*\) and would be deleted with their definition/);
  });

  it('what a namespaced operator does not watch is not checked, never refused', async () => {
    await operator.stop();
    operator = await startTestOperator(['--watch-namespace', namespace]);
    const storage = { size: '1Gi', storageClass: 'no-such-class' };
    await says(database('narrow', { storage }), /not checked: whether StorageClass no-such-class exists/);
    await says(redis('orders'), /a Database of this namespace has the name/);
    await expectKubectl(['apply', '-f', '-'], database('beyond', {}, other));
    const across = user('across', { databaseRef: { name: 'beyond', namespace: other } });
    await says(across, new RegExp(`not checked: whether Database ${other}/beyond exists`));
    const { code, stderr } = await dryRun(across);
    assert.equal(code, 0, stderr);
    assert.match(stderr, new RegExp(`not checked: whether namespace ${other} consents`));
  });
});
