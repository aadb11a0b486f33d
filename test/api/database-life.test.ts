/**
 * A Database's life as the API server sees it: objects, drift, refusal to take over, deletion, crashes of the operator,
 * silence. Pods stay Pending here; what runs in them is in test/e2e.
 */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { controlPlane, eventually, expectKubectl, getObject, installCrds, uniqueNamespace } from './harness.ts';
import { startTestOperator, type TestOperator } from './operator.ts';

interface Stored {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly generation: number;
    readonly resourceVersion: string;
    readonly ownerReferences?: readonly { readonly kind: string; readonly name: string }[];
    readonly finalizers?: readonly string[];
  };
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly data?: Readonly<Record<string, string>>;
  readonly status?: {
    readonly phase?: string;
    readonly observedGeneration?: number;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly reason: string }[];
  };
}

const children = 'statefulsets,services,configmaps,secrets,cronjobs,pdb,networkpolicies,serviceaccounts,pvc';
const expected = (name: string): readonly string[] => [
  `ConfigMap/${name}-config`,
  `ConfigMap/${name}-scripts`,
  `ConfigMap/${name}-topology`,
  `CronJob/${name}-backup`,
  `NetworkPolicy/${name}`,
  `PersistentVolumeClaim/${name}-backup-pvc`,
  `PodDisruptionBudget/${name}`,
  `Secret/${name}-internal`,
  `Secret/${name}-secret`,
  `Service/${name}`,
  `Service/${name}-headless`,
  `Service/${name}-primary`,
  `Service/${name}-readonly`,
  `ServiceAccount/${name}`,
  `StatefulSet/${name}`,
];

describe('life of a Database', function () {
  this.timeout(90_000);
  let operator: TestOperator;
  let namespace: string;

  before(async () => {
    await installCrds();
    namespace = await uniqueNamespace('life');
    operator = await startTestOperator();
  });
  after(() => operator.stop());

  const database = (name: string, more: Readonly<Record<string, unknown>> = {}): string =>
    JSON.stringify({
      apiVersion: 'example.com/v1',
      kind: 'Database',
      metadata: { name, namespace },
      spec: { engine: 'postgresql', version: '17', storage: { size: '1Gi' }, backup: { enabled: true }, ...more },
    });
  const apply = (yaml: string): Promise<string> => expectKubectl(['apply', '-f', '-'], yaml);
  const remove = (kind: string, name: string): Promise<string> =>
    expectKubectl(['delete', kind, name, '-n', namespace, '--timeout=60s']);
  const get = (kind: string, name: string): Promise<Stored | undefined> => getObject<Stored>(kind, namespace, name);
  const childrenOf = async (name: string): Promise<readonly Stored[]> =>
    (
      JSON.parse(await expectKubectl(['get', children, '-n', namespace, '-l', `app=${name}`, '-o', 'json'])) as {
        items: Stored[];
      }
    ).items;
  const namesOf = async (name: string): Promise<readonly string[]> =>
    (await childrenOf(name))
      .map(({ kind, metadata }) => `${kind}/${metadata.name}`)
      .filter((child) => !child.startsWith('PersistentVolumeClaim/data-'))
      .sort();
  const complete = (name: string): Promise<boolean> =>
    eventually(async () => {
      assert.deepEqual(await namesOf(name), expected(name));
      return true;
    }, 20_000);
  const condition = async (name: string, type: string): Promise<{ status: string; reason: string } | undefined> =>
    (await get('database', name))?.status?.conditions?.find((one) => one.type === type);

  it('becomes every object that it should, owned by it, volumes and credentials apart', async () => {
    await apply(database('full'));
    await complete('full');
    for (const { kind, metadata } of await childrenOf('full')) {
      const owned =
        metadata.ownerReferences?.some((owner) => owner.kind === 'Database' && owner.name === 'full') ?? false;
      const kept = kind === 'Secret' || kind === 'PersistentVolumeClaim';
      assert.equal(owned, !kept, `${kind}/${metadata.name}`);
    }
    const stored = await get('database', 'full');
    assert.deepEqual(stored?.metadata.finalizers, ['database.example.com/finalizer']);
    assert.equal(stored.status?.phase, 'Creating');
    assert.equal(stored.status.observedGeneration, stored.metadata.generation);
  });

  it('brings back a deleted child and puts an edited one right', async () => {
    await remove('service', 'full-primary');
    await expectKubectl([
      'patch',
      'cm',
      'full-config',
      '-n',
      namespace,
      '--type=merge',
      '-p',
      '{"data":{"postgresql.conf":"x"}}',
    ]);
    await expectKubectl([
      'patch',
      'svc',
      'full',
      '-n',
      namespace,
      '--type=merge',
      '-p',
      '{"spec":{"ports":[{"port":1,"name":"postgresql"}]}}',
    ]);
    await complete('full');
    await eventually(async () => (await get('cm', 'full-config'))?.data?.['postgresql.conf'] !== 'x');
    await eventually(async () => JSON.stringify((await get('svc', 'full'))?.spec).includes('5432'));
  });

  it('never takes over an object of the name that is not its own', async () => {
    await expectKubectl(['create', 'service', 'clusterip', 'taken-primary', '--tcp=80', '-n', namespace]);
    const before = await get('service', 'taken-primary');
    await apply(database('taken'));
    const ready = await eventually(async () => {
      const one = await condition('taken', 'Ready');
      return one?.reason === 'NameConflict' ? one : undefined;
    });
    assert.equal(ready.status, 'False');
    assert.deepEqual((await get('service', 'taken-primary'))?.spec, before?.spec);
    await remove('service', 'taken-primary');
    await complete('taken');
    await remove('database', 'taken');
  });

  it('keeps volumes and Secrets under Retain and removes them under Delete', async () => {
    await apply(database('kept'));
    await complete('kept');
    const secret = await get('secret', 'kept-secret');
    await remove('database', 'kept');
    // A garbage collector that has just started learns of the kind Database within half a minute.
    await eventually(
      async () => (await namesOf('kept')).every((child) => /^(Secret|PersistentVolumeClaim)\//.test(child)),
      60_000,
    );
    assert.deepEqual((await get('secret', 'kept-secret'))?.data, secret?.data);

    await apply(database('kept', { deletionPolicy: 'Delete' }));
    await complete('kept');
    assert.deepEqual((await get('secret', 'kept-secret'))?.data, secret?.data, 'found again, not made anew');
    await remove('database', 'kept');
    await eventually(async () => (await childrenOf('kept')).length === 0, 30_000);
  });

  it('refuses to delete a protected Database and tells how to lift it', async () => {
    await apply(database('guarded', { deletionProtection: true }));
    await assert.rejects(remove('database', 'guarded'), /deletionProtection/);
    await apply(database('guarded', { deletionProtection: false }));
    await remove('database', 'guarded');
  });

  it('writes nothing to the children of a paused Database', async () => {
    await apply(database('paused', { paused: true }));
    await eventually(async () => (await condition('paused', 'Paused'))?.status === 'True');
    assert.deepEqual(await namesOf('paused'), []);
    await apply(database('paused', { paused: false }));
    await complete('paused');
    await remove('database', 'paused');
  });

  it('ends with its namespace', async () => {
    const doomed = await uniqueNamespace('doomed');
    await apply(database('doomed').replaceAll(`"namespace":"${namespace}"`, `"namespace":"${doomed}"`));
    await eventually(async () => (await getObject<Stored>('statefulset', doomed, 'doomed')) !== undefined);
    await expectKubectl(['delete', 'namespace', doomed, '--timeout=60s']);
  });

  it('converges whenever the operator is killed during a create', async () => {
    for (const milliseconds of [0, 30, 60, 100, 150, 250, 400]) {
      await apply(database(`killed-${milliseconds}`));
      await delay(milliseconds);
      await operator.kill();
      await operator.restart();
      const secrets = await eventually(async () => {
        const internal = await get('secret', `killed-${milliseconds}-internal`);
        const application = await get('secret', `killed-${milliseconds}-secret`);
        return internal === undefined || application === undefined ? undefined : { internal, application };
      }, 20_000);
      await complete(`killed-${milliseconds}`);
      assert.equal(secrets.application.data?.['password'], secrets.internal.data?.['password']);
    }
  });

  it('is silent when idle: no write and no list from our user agent, the Lease aside', async () => {
    await settled();
    const since = new Date().toISOString();
    await delay(10_000);
    const events = (await (await controlPlane()).auditEvents()).filter(
      ({ userAgent, requestReceivedTimestamp }) =>
        userAgent.startsWith('database-operator') && requestReceivedTimestamp > since,
    );
    const noisy = events.filter(({ verb, objectRef }) => verb !== 'watch' && objectRef?.resource !== 'leases');
    assert.deepEqual(
      noisy.map(({ verb, requestURI }) => `${verb} ${requestURI}`),
      [],
    );
  });

  /** No request of ours but watches for two seconds. */
  async function settled(): Promise<void> {
    await eventually(async () => {
      const from = new Date().toISOString();
      await delay(2_000);
      const events = await (await controlPlane()).auditEvents();
      return !events.some(
        ({ userAgent, verb, requestReceivedTimestamp, objectRef }) =>
          userAgent.startsWith('database-operator') &&
          requestReceivedTimestamp > from &&
          verb !== 'watch' &&
          objectRef?.resource !== 'leases',
      );
    }, 60_000);
  }
});
