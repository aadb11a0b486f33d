/**
 * The operator under a ServiceAccount that has what src/kubernetes/permissions.ts says, where it says it, through the life of
 * a Database. Judged by the API server's audit log: nothing was refused, and nothing was granted that was not used, but for
 * what is named below with the reason why it can't be seen here.
 */
import assert from 'node:assert/strict';
import { permissions, policyRules, type Permission } from '../../src/kubernetes/permissions.ts';
import { webhookConfigurations } from '../../tools/webhook-configurations.ts';
import { startOperator, type Operator } from '../operator.ts';
import {
  applyYaml,
  controlPlane,
  eventually,
  expectKubectl,
  getObject,
  installCrds,
  kubectl,
  uniqueNamespace,
  type AuditEvent,
} from './harness.ts';

const port = 19_521;
const flags = { 'webhook-configuration': 'database-webhook', 'leader-election-name': 'database-operator' };

/** Group, resource, verb → why no request of it is seen in this test. A star stands for any. */
const unseen: Readonly<Record<string, string>> = {
  '* list': 'for API servers that do not stream lists through a watch',
  '* create': 'server-side apply of what does not exist is judged by it, and audited as a patch',
  'example.com/databases/finalizers update': 'asked by admission on behalf of owner references, never sent',
  'example.com/databases get': 'before data is deleted, and after a conflict',
  'monitoring.coreos.com/servicemonitors *': 'the definition is not installed here',
  'monitoring.coreos.com/prometheusrules *': 'the definition is not installed here',
  'core/namespaces get': 'only where they are not watched',
  'core/pods patch': 'roles of several replicas: there is no kubelet here',
  'core/pods delete': 'restarts by plan: there is no kubelet here',
  'core/persistentvolumes patch': 'volumes of a namespace that goes: there are none here',
  'batch/jobs get': 'the last backup of a database that ran',
  'core/persistentvolumeclaims patch': 'growth of a volume that is bound',
  'core/persistentvolumeclaims get': 'of members that are still to come',
  'core/persistentvolumeclaims delete': 'under deletionPolicy Delete: there is no kubelet to bind one here',
  'core/configmaps delete': 'the topology, when one replica is left',
  'policy/poddisruptionbudgets delete': 'when one replica is left',
  'core/secrets patch': 'when an address in it changes, and renewal of the certificate',
  'core/serviceaccounts delete': 'owned: the garbage collector takes it',
  'core/services delete': 'the read-only one, when one replica is left',
  'apps/statefulsets delete': 'only to change what can not be changed in place',
  'events.k8s.io/events patch': 'an Event that is repeated',
  'example.com/databaseusers get': 'asked once more before a password is made: there is no server to log in to here',
  'example.com/databaseusers patch': 'the finalizer, set when a user is made in a server: there is none here',
  'example.com/multitenantdatabases get': 'as of a DatabaseUser',
  'example.com/multitenantdatabases patch': 'as of a DatabaseUser',
  'example.com/databasebackups patch': 'the finalizer, under deletionPolicy Delete',
  'batch/cronjobs get': 'whether the name of a scheduled DatabaseBackup is taken',
  'batch/jobs delete': 'a Job of a recovery or a proof that is made again',
};

const keyOf = ({ resource: { group, plural }, subresource }: Permission, verb: string): string =>
  `${group === '' ? 'core' : group}/${plural}${subresource === undefined ? '' : `/${subresource}`} ${verb}`;

const keyOfEvent = ({ objectRef, verb }: AuditEvent): string => {
  const { apiGroup = '', resource = '', subresource } = objectRef ?? {};
  return `${apiGroup === '' ? 'core' : apiGroup}/${resource}${subresource === undefined ? '' : `/${subresource}`} ${verb}`;
};

describe('permissions', function () {
  this.timeout(120_000);
  let operator: Operator;
  let system: string;
  let namespace: string;
  let user: string;

  const ours = async (): Promise<readonly AuditEvent[]> =>
    (await (await controlPlane()).auditEvents()).filter((event) => event.user.username === user);
  const database = (spec: object): string =>
    JSON.stringify({
      apiVersion: 'example.com/v1',
      kind: 'Database',
      metadata: { name: 'orders' },
      spec: { engine: 'postgresql', version: '17', storage: { size: '1Gi' }, ...spec },
    });
  const applied = async (text: string): Promise<void> => {
    const { code, stderr } = await applyYaml(text, namespace);
    assert.equal(code, 0, stderr);
  };

  /** One role for each scope, bound as the chart binds it. */
  const grant = async (): Promise<void> => {
    const role = (kind: string, name: string, scopes: readonly Permission['scope'][]): readonly object[] => {
      const metadata = kind === 'Role' ? { name, namespace: system } : { name };
      const apiVersion = 'rbac.authorization.k8s.io/v1';
      const rules = policyRules({ scopes, selfSigned: true, flags });
      const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind, name };
      const subjects = [{ kind: 'ServiceAccount', name: 'operator', namespace: system }];
      return [
        { apiVersion, kind, metadata, rules },
        { apiVersion, kind: `${kind}Binding`, metadata, roleRef, subjects },
      ];
    };
    const items = [...role('ClusterRole', 'permissions-test', ['watched', 'cluster']), ...role('Role', 'own', ['own'])];
    await expectKubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  };

  before(async () => {
    await installCrds();
    [system, namespace] = [await uniqueNamespace('permitted-system'), await uniqueNamespace('permitted')];
    user = `system:serviceaccount:${system}:operator`;
    await expectKubectl(['create', 'serviceaccount', 'operator', '-n', system]);
    await grant();
    const configurations = webhookConfigurations(`https://127.0.0.1:${port}`);
    await expectKubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], configurations);
    operator = await startOperator({
      kubeconfig: await (await controlPlane()).serviceAccountKubeconfig(system, 'operator'),
      host: '127.0.0.1',
      port,
      operationsPort: port + 1,
      certificates: 'secret',
      extra: ['--leader-elect', '--namespace', system, '--agent-image=database-operator:test'],
    });
  });
  after(async () => {
    await kubectl(['delete', 'validatingwebhookconfiguration,mutatingwebhookconfiguration', 'database-webhook']);
    await kubectl(['delete', 'clusterrole,clusterrolebinding', 'permissions-test']);
    await operator.stop();
  });

  it('are enough for the life of a Database and the other kinds', async () => {
    await eventually(async () => {
      const { stderr } = await applyYaml(database({ replicas: 99 }), namespace);
      return stderr.includes('spec.replicas');
    }, 20_000);
    const podTemplate = { priorityClassName: 'no-such-class' };
    await applied(database({ backup: { enabled: true }, deletionPolicy: 'Delete', podTemplate }));
    const set = await eventually(
      () => getObject<{ metadata: { generation: number } }>('statefulset', namespace, 'orders'),
      20_000,
    );
    for (const kind of ['cronjob/orders-backup', 'pdb/orders', 'networkpolicy/orders']) {
      await eventually(async () => (await kubectl(['get', kind, '-n', namespace])).code === 0, 10_000);
    }
    // What its controller would say, which is not here: it has seen the set and made no pod.
    const status = { replicas: 0, observedGeneration: set.metadata.generation };
    const patch = ['--subresource=status', '--type=merge', '-p', JSON.stringify({ status })];
    await expectKubectl(['patch', 'statefulset', 'orders', '-n', namespace, ...patch]);
    await eventually(async () => {
      const found = await getObject<{ status?: { diagnosis?: unknown } }>('database', namespace, 'orders');
      return /PriorityClass no-such-class \(spec\.podTemplate\.priorityClassName\)/.test(
        JSON.stringify(found?.status?.diagnosis ?? ''),
      );
    }, 40_000);
    const others: readonly (readonly [string, object])[] = [
      ['DatabaseUser', { databaseRef: { name: 'orders' }, username: 'reader', privileges: [{ preset: 'readonly' }] }],
      ['DatabaseBackup', { databaseRef: { name: 'orders' } }],
      ['DatabaseMonitor', { databaseRef: { name: 'orders' } }],
      ['MultiTenantDatabase', { databaseRef: { name: 'orders' }, tenants: [{ name: 'one', namespace }] }],
      ['RedisCluster', { nodes: 3, storage: { size: '1Gi' } }],
    ];
    for (const [kind, spec] of others) {
      await applied(
        JSON.stringify({ apiVersion: 'example.com/v1', kind, metadata: { name: kind.toLowerCase() }, spec }),
      );
      await eventually(async () => {
        const object = await getObject<{ status?: { conditions?: unknown[] } }>(kind, namespace, kind.toLowerCase());
        return object?.status?.conditions !== undefined;
      });
    }
    // By somebody whose rights are asked for.
    await expectKubectl(['create', 'serviceaccount', 'jane', '-n', namespace]);
    await expectKubectl([
      'create',
      'rolebinding',
      'jane',
      '-n',
      namespace,
      '--clusterrole=admin',
      `--serviceaccount=${namespace}:jane`,
    ]);
    await kubectl(['create', 'clusterrole', 'all-users', '--verb=*', '--resource=databaseusers.example.com']);
    await expectKubectl([
      'create',
      'rolebinding',
      'users',
      '-n',
      namespace,
      '--clusterrole=all-users',
      `--serviceaccount=${namespace}:jane`,
    ]);
    const jane = await (await controlPlane()).serviceAccountKubeconfig(namespace, 'jane');
    const wish = { apiVersion: 'example.com/v1', kind: 'DatabaseUser', metadata: { name: 'more', namespace } };
    const spec = { databaseRef: { name: 'orders' }, privileges: [{ preset: 'owner' }] };
    await kubectl(['--kubeconfig', jane, 'apply', '-f', '-'], JSON.stringify({ ...wish, spec }));
    const changed = { config: { maxConnections: 50 }, networkPolicy: { enabled: false }, deletionPolicy: 'Delete' };
    await applied(database({ ...changed, backup: { enabled: false } }));
    await eventually(async () => (await kubectl(['get', 'cronjob/orders-backup', '-n', namespace])).code !== 0, 20_000);
    await expectKubectl(['delete', 'service', 'orders-primary', '-n', namespace]);
    await eventually(() => getObject('service', namespace, 'orders-primary'), 10_000);
    await expectKubectl(['delete', 'databases,databaseusers', '--all', '-n', namespace, '--timeout=60s']);
    const refused = (await ours()).filter(({ responseStatus }) => responseStatus?.code === 403);
    assert.deepEqual([...new Set(refused.map(keyOfEvent))], []);
  });

  it('are not more than is used', async () => {
    const used = new Set((await ours()).map(keyOfEvent));
    const isUnseen = (key: string): boolean =>
      [key, key.replace(/\S+$/, '*'), key.replace(/^\S+/, '*')].some((pattern) => pattern in unseen);
    const granted = permissions.flatMap((row) => row.verbs.map((verb) => keyOf(row, verb)));
    const unused = granted.filter((key) => !used.has(key));
    for (const key of unused) process.stderr.write(`      not used here: ${key}\n`);
    assert.deepEqual(
      unused.filter((key) => !isUnseen(key)),
      [],
    );
    const stale = Object.keys(unseen).filter((key) => !key.includes('*') && !granted.includes(key));
    assert.deepEqual(stale, [], 'named as unseen, but not granted any more');
  });
});
