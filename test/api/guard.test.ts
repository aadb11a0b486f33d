/**
 * What was stored while the webhook was away: the loop re-checks before it acts, says which fields are wrong without their
 * values, and goes on when they are put right. It runs with the rights of src/kubernetes/permissions.ts and no others.
 */
import assert from 'node:assert/strict';
import { permissions } from '../../src/kubernetes/permissions.ts';
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
  readonly metadata: { readonly finalizers?: readonly string[]; readonly generation: number };
  readonly status?: {
    readonly phase?: string;
    readonly observedGeneration?: number;
    readonly conditions?: readonly Condition[];
  };
}

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

const secretText = 'hunter2-not-for-status';
const webhooks = ['delete', 'validatingwebhookconfiguration,mutatingwebhookconfiguration', 'database-webhook'];

describe('the guard of the loop', function () {
  this.timeout(120_000);
  let operator: TestOperator;
  let namespace: string;
  let configurations: string;

  /** Passes the schema of the CRD, and the rules refuse it. */
  const invalid = (name: string): string =>
    JSON.stringify({
      apiVersion: 'example.com/v1',
      kind: 'Database',
      metadata: { name, namespace },
      spec: {
        engine: 'postgresql',
        version: '17',
        storage: { size: '1Gi' },
        config: { parameters: { listen_addresses: secretText } },
        backup: { enabled: true, schedule: '0 25 * * *' },
      },
    });
  const valid = (name: string): string => {
    const object = JSON.parse(invalid(name)) as { spec: Record<string, unknown> };
    return JSON.stringify({ ...object, spec: { ...object.spec, config: {}, backup: { enabled: false } } });
  };
  const user = (spec: Readonly<Record<string, unknown>>): string =>
    JSON.stringify({
      apiVersion: 'example.com/v1',
      kind: 'DatabaseUser',
      metadata: { name: 'slipped', namespace },
      spec: { databaseRef: { name: 'bypassed' }, privileges: [{ preset: 'readonly' }], ...spec },
    });
  const read = (kind: string, name: string) => getObject<Stored>(kind, namespace, name);
  const condition = async (kind: string, name: string, type: string): Promise<Condition | undefined> =>
    (await read(kind, name))?.status?.conditions?.find((one) => one.type === type);
  const children = async (name: string): Promise<string> =>
    (
      await expectKubectl([
        ...['get', 'statefulsets,services,configmaps,secrets,cronjobs,pdb,networkpolicies,serviceaccounts,pvc'],
        ...['-n', namespace, '-l', `database.example.com/name=${name}`, '-o', 'name'],
      ])
    ).trim();

  /** A user with what the table allows. */
  const restricted = async (): Promise<string> => {
    const rules = permissions.map(({ resource: { group, plural }, subresource, verbs }) => ({
      apiGroups: [group],
      resources: [subresource === undefined ? plural : `${plural}/${subresource}`],
      verbs,
    }));
    const role = {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'operator' },
      rules,
    };
    await expectKubectl(['apply', '-f', '-'], JSON.stringify(role));
    await expectKubectl(['create', 'clusterrolebinding', 'operator', '--clusterrole=operator', '--user=operator']);
    return (await controlPlane()).kubeconfigFor('operator');
  };

  before(async () => {
    await installCrds();
    namespace = await uniqueNamespace('guard');
    await kubectl(['create', 'namespace', 'database-system']);
    operator = await startTestOperator(['--kubeconfig', await restricted(), '--leader-elect']);
    configurations = await expectKubectl([
      ...['get', 'validatingwebhookconfiguration/database-webhook', 'mutatingwebhookconfiguration/database-webhook'],
      ...['-o', 'json'],
    ]);
  });
  after(() => operator.stop());

  it('admission would have refused it', async () => {
    const { code, stderr } = await kubectl(['apply', '-f', '-'], invalid('bypassed'));
    assert.equal(code, 1);
    assert.match(stderr, /spec\.backup\.schedule/);
  });

  it('acts on nothing, and names the fields without their values', async () => {
    await expectKubectl(webhooks);
    await eventually(async () => (await kubectl(['apply', '-f', '-'], invalid('bypassed'))).code === 0);
    await expectKubectl(['apply', '-f', '-'], user({ rotation: { interval: '61s' } }));
    await restore();
    const found = await eventually(async () => {
      const one = await condition('database', 'bypassed', 'AdmissionValid');
      return one?.status === 'False' && one;
    });
    assert.equal(found.reason, 'Invalid');
    assert.match(found.message, /spec\.backup\.schedule/);
    assert.match(found.message, /spec\.config\.parameters\[listen_addresses\]/);
    assert.equal((await condition('database', 'bypassed', 'Ready'))?.reason, 'Invalid');
    const { status, metadata } = (await read('database', 'bypassed'))!;
    assert.ok(!JSON.stringify(status).includes(secretText));
    assert.ok(!JSON.stringify(status).includes('0 25'));
    assert.deepEqual(metadata.finalizers ?? [], []);
    assert.equal(await children('bypassed'), '');
    const events = await expectKubectl(['get', 'events', '-n', namespace, '-o', 'json']);
    assert.match(events, /AdmissionValid|Invalid/);
    assert.ok(!events.includes(secretText));
  });

  it('the other kinds say it too', async () => {
    const found = await eventually(async () => {
      const one = await condition('databaseuser', 'slipped', 'AdmissionValid');
      return one?.status === 'False' && one;
    });
    assert.match(found.message, /spec\.rotation\.interval/);
    assert.ok(!found.message.includes('61s'));
  });

  it('labels, annotations and finalizers of it may still be written, and old faults block nobody else', async () => {
    await expectKubectl(['label', 'database', 'bypassed', '-n', namespace, 'team=shop']);
    await expectKubectl(['annotate', 'database', 'bypassed', '-n', namespace, 'note=seen']);
    const finalizers = (value: unknown) =>
      expectKubectl([
        ...['patch', 'database', 'bypassed', '-n', namespace, '--type=merge', '-p'],
        JSON.stringify({ metadata: { finalizers: value } }),
      ]);
    await finalizers(['example.org/hold']);
    await finalizers(null);
    const patch = (spec: unknown) =>
      kubectl(['patch', 'database', 'bypassed', '-n', namespace, '--type=merge', '-p', JSON.stringify({ spec })]);
    const other = await patch({ monitoring: { enabled: false } });
    assert.equal(other.code, 0, other.stderr);
    assert.match(other.stderr, /stored before and not refused now/);
    assert.equal((await patch({ backup: { schedule: '0 26 * * *' } })).code, 1, 'a new fault is refused');
    assert.equal(await children('bypassed'), '');
  });

  it('mending the spec heals it', async () => {
    await expectKubectl(['replace', '-f', '-'], valid('bypassed'));
    await eventually(async () => (await condition('database', 'bypassed', 'AdmissionValid'))?.status === 'True');
    await eventually(async () => (await children('bypassed')).includes('statefulset.apps/bypassed'));
    const { status, metadata } = (await read('database', 'bypassed'))!;
    assert.equal(status?.observedGeneration, metadata.generation);
    assert.deepEqual(metadata.finalizers, ['database.example.com/finalizer']);
  });

  it('it can be deleted while it is invalid', async () => {
    await expectKubectl(webhooks);
    await eventually(async () => (await kubectl(['apply', '-f', '-'], invalid('hopeless'))).code === 0);
    await restore();
    await eventually(async () => (await condition('database', 'hopeless', 'AdmissionValid'))?.status === 'False');
    await expectKubectl(['delete', 'database', 'hopeless', '-n', namespace, '--timeout=10s']);
  });

  it('one that was valid and turns invalid keeps its servers', async () => {
    await expectKubectl(webhooks);
    await eventually(async () => (await kubectl(['apply', '-f', '-'], invalid('bypassed'))).code === 0);
    await restore();
    await eventually(async () => (await condition('database', 'bypassed', 'AdmissionValid'))?.status === 'False');
    assert.match(await children('bypassed'), /statefulset\.apps\/bypassed/);
    const set = await expectKubectl(['get', 'cronjobs', '-n', namespace, '-o', 'name']);
    assert.equal(set, '', 'no backup under a schedule that is none');
    await expectKubectl(['replace', '-f', '-'], valid('bypassed'));
    await expectKubectl(['delete', 'database', 'bypassed', '-n', namespace, '--timeout=20s']);
  });

  it('needed no right that the table of permissions lacks', async () => {
    const events = await (await controlPlane()).auditEvents();
    const mine = events.filter(({ user: { username } }) => username === 'operator');
    assert.ok(mine.length > 50);
    const refused = mine
      .filter(({ responseStatus }) => responseStatus?.code === 403)
      .map(({ verb, objectRef }) => `${verb} ${objectRef?.resource ?? ''}/${objectRef?.subresource ?? ''}`);
    assert.deepEqual([...new Set(refused)], []);
  });

  /** As they were, caBundle included; until admission answers again. */
  async function restore(): Promise<void> {
    const { items } = JSON.parse(configurations) as { items: { metadata: { name: string } }[] };
    for (const item of items) {
      const bare = { ...item, metadata: { name: item.metadata.name } };
      await expectKubectl(['create', '-f', '-'], JSON.stringify(bare));
    }
    await eventually(
      async () => (await kubectl(['apply', '--dry-run=server', '-f', '-'], invalid('probe'))).code === 1,
    );
  }
});
