/** Who may grant what is asked of Kubernetes' own RBAC: two ServiceAccounts against a real API server. */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { controlPlane, eventually, expectKubectl, installCrds, kubectl, uniqueNamespace } from './harness.ts';
import { startTestOperator, type TestOperator } from './operator.ts';

/** What an operator without the right to ask may do: everything else. */
const groups = [
  '',
  'apps',
  'batch',
  'policy',
  'networking.k8s.io',
  'storage.k8s.io',
  'example.com',
  'coordination.k8s.io',
];
const otherGroups = ['events.k8s.io', 'admissionregistration.k8s.io', 'monitoring.coreos.com'];

describe('access reviews', function () {
  this.timeout(90_000);
  let operator: TestOperator;
  let namespace: string;
  let bob: string;

  const user = (name: string, spec: Readonly<Record<string, unknown>>, at = namespace): string =>
    JSON.stringify({
      apiVersion: 'example.com/v1',
      kind: 'DatabaseUser',
      metadata: { name, namespace: at },
      spec: { databaseRef: { name: 'orders' }, username: name, ...spec },
    });
  const as = (kubeconfig: string, args: readonly string[], stdin?: string) =>
    kubectl(['--kubeconfig', kubeconfig, ...args], stdin);
  const apply = (kubeconfig: string, manifest: string) => as(kubeconfig, ['apply', '-f', '-'], manifest);
  /** Answers that did not come within 100 ms are refused; the next attempt finds them. */
  const settled = async (kubeconfig: string, manifest: string) => {
    for (;;) {
      const output = await apply(kubeconfig, manifest);
      if (!output.stderr.includes('did not say in time')) return output;
      await delay(100);
    }
  };
  const admit = (kubeconfig: string, manifest: string): Promise<boolean> =>
    eventually(async () => (await settled(kubeconfig, manifest)).code === 0, 15_000);

  /** May write DatabaseUsers, and no more. */
  const account = async (name: string, at = namespace): Promise<string> => {
    const subject = `--serviceaccount=${at}:${name}`;
    const verbs = '--verb=get,list,create,update,patch,delete';
    await expectKubectl(['create', 'serviceaccount', name, '-n', at]);
    await expectKubectl(['create', 'role', name, '-n', at, verbs, '--resource=databaseusers.example.com']);
    await expectKubectl(['create', 'rolebinding', name, '-n', at, `--role=${name}`, subject]);
    const file = await (await controlPlane()).serviceAccountKubeconfig(at, name);
    await eventually(async () => (await as(file, ['get', 'databaseusers', '-n', at])).code === 0);
    return file;
  };
  const allow = async (name: string, subresource: string): Promise<void> => {
    const role = `${name}-${subresource}`;
    const resource = `--resource=databases.example.com/${subresource}`;
    await expectKubectl(['create', 'role', role, '-n', namespace, '--verb=create', resource]);
    await expectKubectl([
      ...['create', 'rolebinding', role, '-n', namespace, `--role=${role}`],
      `--serviceaccount=${namespace}:${name}`,
    ]);
  };

  before(async () => {
    await installCrds();
    namespace = await uniqueNamespace('access');
    operator = await startTestOperator();
    await expectKubectl(
      ['apply', '-f', '-'],
      JSON.stringify({
        apiVersion: 'example.com/v1',
        kind: 'Database',
        metadata: { name: 'orders', namespace },
        spec: { engine: 'postgresql', version: '17', storage: { size: '1Gi' } },
      }),
    );
    bob = await account('bob');
  });
  after(() => operator.stop());

  it('refuses what RBAC does not allow, every privilege at once, and its own remedy mends it', async () => {
    const manifest = user('reporting', {
      privileges: [{ preset: 'readonly' }, { grant: ['INSERT'], table: 'orders' }],
    });
    const { code, stderr } = await settled(bob, manifest);
    assert.equal(code, 1);
    const who = `system:serviceaccount:${namespace}:bob`;
    const line = (index: number, grant: string): string =>
      `* spec.privileges[${index}]: Forbidden: ${who} may not grant this on Database ${namespace}/orders: it takes the verb create on databases/${grant} (example.com); ` +
      `an administrator can allow it: kubectl create role orders-${grant} -n ${namespace} --verb=create --resource=databases.example.com/${grant} --resource-name=orders; ` +
      `kubectl create rolebinding orders-${grant}:${who} -n ${namespace} --role=orders-${grant} --user=${who}`;
    const refusal = stderr.split('\n').filter((text) => text.startsWith('* '));
    assert.deepEqual(refusal, [line(0, 'grant-readonly'), line(1, 'grant-admin')]);

    for (const text of refusal) {
      const commands = text.slice(text.indexOf('kubectl ')).split('; ');
      assert.equal(commands.length, 2);
      for (const command of commands) await expectKubectl(command.split(' ').slice(1));
    }
    await admit(bob, manifest);
  });

  it('a right to one Database or to one preset is no right to another', async () => {
    const other = user('elsewhere', { databaseRef: { name: 'invoices' }, privileges: [{ preset: 'readonly' }] });
    assert.match((await settled(bob, other)).stderr, /create on databases\/grant-readonly/);
    const more = user('writer', { privileges: [{ preset: 'readwrite' }] });
    assert.match((await settled(bob, more)).stderr, /create on databases\/grant-readwrite/);
  });

  it('asks for what a change adds, and for nothing else', async () => {
    await expectKubectl(['apply', '-f', '-'], user('kept', { privileges: [{ preset: 'owner' }], expiresAfter: '30d' }));
    const changed = (spec: Readonly<Record<string, unknown>>) =>
      settled(bob, user('kept', { privileges: [{ preset: 'owner' }], expiresAfter: '7d', ...spec }));
    const free = [{ expiresAfter: '7d' }, { rotation: { interval: '5d' } }];
    for (const spec of free) assert.equal((await changed(spec)).code, 0, JSON.stringify(spec));
    const label = ['label', 'databaseuser', 'kept', '-n', namespace, 'team=shop'];
    assert.equal((await as(bob, label)).code, 0, 'metadata hands out nothing');

    const denied = [
      [{ privileges: [{ preset: 'owner' }, { preset: 'owner', database: 'other' }] }, 'spec.privileges[1]'],
      [{ privileges: [{ preset: 'owner', schema: 'other' }] }, 'spec.privileges[0]'],
      [{ passwordSecret: { name: 'mine' } }, 'spec.passwordSecret'],
      [{ expiresAfter: '365d' }, 'spec.expiresAfter'],
    ] as const;
    for (const [spec, field] of denied) {
      const { code, stderr } = await changed(spec);
      assert.equal(code, 1, field);
      assert.ok(stderr.includes(`${field}: Forbidden: system:serviceaccount:${namespace}:bob may not grant`), stderr);
    }
    assert.equal((await changed({ privileges: [{ preset: 'readonly' }] })).code, 0, 'less is free');
  });

  it('the namespace of the Database decides, not that of the user', async () => {
    const elsewhere = await uniqueNamespace('access-other');
    const eve = await account('eve', elsewhere);
    await expectKubectl([
      'create',
      'clusterrole',
      'all-grants',
      '--verb=create',
      '--resource=databases.example.com/grant-owner',
    ]);
    await expectKubectl([
      ...['create', 'rolebinding', 'all-grants', '-n', elsewhere, '--clusterrole=all-grants'],
      `--serviceaccount=${elsewhere}:eve`,
    ]);
    await expectKubectl(['label', 'namespace', namespace, 'database.example.com/allow-references=true']);
    const manifest = user(
      'eve',
      { databaseRef: { name: 'orders', namespace }, privileges: [{ preset: 'owner' }] },
      elsewhere,
    );
    const { stderr } = await settled(eve, manifest);
    assert.match(stderr, new RegExp(`eve may not grant this on Database ${namespace}/orders`));
    await expectKubectl(['delete', 'clusterrole', 'all-grants']);
  });

  it('asks once for a write that is looked at twice, and does not ask about administrators', async () => {
    const cat = await account('cat');
    await allow('cat', 'grant-readonly');
    const asked = async (): Promise<number> =>
      (await (await controlPlane()).auditEvents()).filter(
        ({ objectRef, userAgent }) =>
          objectRef?.resource === 'localsubjectaccessreviews' && userAgent.startsWith('database-operator/'),
      ).length;
    await admit(cat, user('first', { privileges: [{ preset: 'readonly' }] }));
    const before = await asked();
    await admit(cat, user('second', { privileges: [{ preset: 'readonly' }] }));
    await expectKubectl(['apply', '-f', '-'], user('third', { privileges: [{ preset: 'admin' }] }));
    await delay(300);
    assert.ok((await asked()) - before <= 1, 'a yes is remembered');
  });

  it('grants nothing when the API server does not answer', async () => {
    await operator.stop();
    await expectKubectl(
      ['apply', '-f', '-'],
      JSON.stringify({
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRole',
        metadata: { name: 'all-but-asking' },
        rules: [{ apiGroups: [...groups, ...otherGroups], resources: ['*'], verbs: ['*'] }],
      }),
    );
    await expectKubectl([
      'create',
      'clusterrolebinding',
      'all-but-asking',
      '--clusterrole=all-but-asking',
      '--user=mute',
    ]);
    const mute = await (await controlPlane()).kubeconfigFor('mute');
    operator = await startTestOperator(['--kubeconfig', mute]);
    const { code, stderr } = await apply(bob, user('fourth', { privileges: [{ preset: 'readonly' }] }));
    assert.equal(code, 1);
    assert.match(
      stderr,
      /spec\.privileges\[0\]: Forbidden: the API server did not say in time .* nothing is granted unasked; try again, or see the operator's log/,
    );
  });
});
