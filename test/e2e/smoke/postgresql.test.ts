/** From `kubectl apply` to a PostgreSQL that answers, and back to nothing: on a real node, under the restricted standard. */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { loadAgent } from '../agent.ts';
import { eventually, type Cluster, type Json } from '../cluster.ts';
import { databaseYaml, startEnvironment, type Environment } from '../environment.ts';

const children = 'statefulset,service,configmap,secret,cronjob,pdb,networkpolicy,serviceaccount,pvc,pod';

describe('PostgreSQL on a real node', function () {
  this.timeout(300_000);
  let environment: Environment;
  let cluster: Cluster;
  let namespace: string;

  before(async () => {
    environment = await startEnvironment('smoke', undefined, loadAgent);
    ({ cluster, namespace } = environment);
  });
  after(() => environment.stop());

  const psql = (database: string, sql: string): Promise<string> =>
    environment.psql(`${database}-primary`, `${database}-secret`, sql);
  const running = (name: string): Promise<Json> => environment.phase(name, 'Running');

  it('refuses a bad Database with everything that is wrong, in the words of kubectl', async () => {
    const { code, stderr } = await cluster.apply(
      databaseYaml('Bad', namespace, {
        engine: 'postgres',
        version: '16',
        replicas: 99,
        storage: { size: '10K' },
      }).replace('name: Bad', 'name: bad-primary'),
    );
    assert.notEqual(code, 0);
    for (const field of ['metadata.name', 'spec.engine', 'spec.replicas', 'spec.storage.size']) {
      assert.ok(stderr.includes(field), `${field} is not in:\n${stderr}`);
    }
    assert.match(stderr, /did you mean "postgresql"/);
    assert.match(stderr, /10Ki or 10k/);
  });

  it('becomes Running and answers psql from another pod with the credentials of its Secret', async () => {
    const { code, stderr } = await cluster.apply(
      databaseYaml('orders', namespace, {
        engine: 'postgresql',
        version: '17',
        storage: { size: '1Gi' },
        backup: { enabled: true },
      }),
    );
    assert.equal(code, 0, stderr);
    const database = await running('orders');
    assert.deepEqual(database.status?.['endpoints'], {
      primary: `orders-primary.${namespace}.svc.cluster.local:5432`,
      readonly: [],
    });
    assert.equal(database.status['readyReplicas'], 1);
    // kube-proxy hears of a new endpoint a moment after the pod is ready.
    assert.equal(await environment.psqlEventually('orders', 'select 6*7'), '42');
    assert.equal(await psql('orders', 'select rolsuper from pg_roles where rolname = current_user'), 'f');
    const dataVersion = [
      'exec',
      'orders-0',
      '-n',
      namespace,
      '--',
      'cat',
      '/var/lib/postgresql/data/pgdata/PG_VERSION',
    ];
    assert.equal((await cluster.expectKubectl(dataVersion)).trim(), '17');
  });

  it('keeps rows when its pod is deleted', async () => {
    await psql('orders', 'create table t (i int); insert into t select generate_series(1, 1000)');
    const before = await cluster.get('pod', namespace, 'orders-0');
    await cluster.expectKubectl(['delete', 'pod', 'orders-0', '-n', namespace]);
    await eventually('a new pod is ready', 120_000, async () => {
      const pod = await cluster.get('pod', namespace, 'orders-0');
      return pod !== undefined && pod.metadata.uid !== before?.metadata.uid && ready(pod);
    });
    await running('orders');
    assert.equal(await environment.psqlEventually('orders', 'select count(*) from t'), '1000');
  });

  it('changes nothing when the same manifest is applied three times', async () => {
    await environment.settled('orders');
    const before = await versions(cluster, namespace, 'orders');
    for (let round = 0; round < 3; round++) {
      const { code, stdout } = await cluster.apply(
        databaseYaml('orders', namespace, {
          engine: 'postgresql',
          version: '17',
          storage: { size: '1Gi' },
          backup: { enabled: true },
        }),
      );
      assert.equal(code, 0);
      assert.match(stdout, /unchanged/);
    }
    await delay(3_000);
    assert.deepEqual(await versions(cluster, namespace, 'orders'), before);
  });

  it('brings back a deleted Service and puts an edited ConfigMap right', async () => {
    const config = await cluster.get('configmap', namespace, 'orders-config');
    await cluster.expectKubectl(['delete', 'service', 'orders-primary', '-n', namespace]);
    await cluster.expectKubectl([
      'patch',
      'configmap',
      'orders-config',
      '-n',
      namespace,
      '--type',
      'merge',
      '-p',
      '{"data":{"postgresql.conf":"port = 1"}}',
    ]);
    await eventually('the Service is back', 20_000, () => cluster.get('service', namespace, 'orders-primary'));
    await eventually('the ConfigMap is right again', 20_000, async () => {
      const now = await cluster.get('configmap', namespace, 'orders-config');
      return now?.data?.['postgresql.conf'] === config?.data?.['postgresql.conf'];
    });
    assert.equal(await environment.psqlEventually('orders', 'select count(*) from t'), '1000');
  });

  it('restores a deleted Secret with the same password', async () => {
    const before = await cluster.get('secret', namespace, 'orders-secret');
    await cluster.expectKubectl(['delete', 'secret', 'orders-secret', '-n', namespace]);
    const after = await eventually('the Secret is back', 20_000, () =>
      cluster.get('secret', namespace, 'orders-secret'),
    );
    assert.deepEqual(after.data, before?.data);
  });

  it('writes a backup to its volume when the CronJob runs', async () => {
    await cluster.expectKubectl(['create', 'job', '--from=cronjob/orders-backup', 'orders-now', '-n', namespace]);
    await cluster.expectKubectl([
      'wait',
      '--for=condition=complete',
      'job/orders-now',
      '-n',
      namespace,
      '--timeout=120s',
    ]);
    const log = await cluster.expectKubectl(['logs', 'job/orders-now', '-n', namespace]);
    assert.match(log, /"bytes":\s*\d+/);
  });

  it('reloads a changed setting without a restart', async () => {
    const before = await cluster.get('pod', namespace, 'orders-0');
    await cluster.expectKubectl([
      'patch',
      'database',
      'orders',
      '-n',
      namespace,
      '--type',
      'merge',
      '-p',
      '{"spec":{"config":{"parameters":{"work_mem":"9MB"}}}}',
    ]);
    await eventually('work_mem is 9MB', 150_000, async () => (await psql('orders', 'show work_mem')) === '9MB');
    const after = await cluster.get('pod', namespace, 'orders-0');
    assert.equal(after?.metadata.uid, before?.metadata.uid);
  });

  it('leaves volume and Secret under Retain, and a new Database of the name finds its rows again', async () => {
    const secret = await cluster.get('secret', namespace, 'orders-secret');
    await cluster.expectKubectl(['delete', 'database', 'orders', '-n', namespace, '--timeout=90s']);
    await eventually(
      'pods are gone',
      60_000,
      async () => (await cluster.list('pod', namespace, 'app=orders')).length === 0,
    );
    assert.notEqual(await cluster.get('pvc', namespace, 'data-orders-0'), undefined);
    assert.deepEqual((await cluster.get('secret', namespace, 'orders-secret'))?.data, secret?.data);
    assert.equal((await cluster.list('statefulset,service', namespace, 'app=orders')).length, 0);

    await cluster.apply(
      databaseYaml('orders', namespace, { engine: 'postgresql', version: '17', storage: { size: '1Gi' } }),
    );
    await running('orders');
    assert.equal(await environment.psqlEventually('orders', 'select count(*) from t'), '1000');
  });

  it('leaves nothing under Delete', async () => {
    await cluster.apply(
      databaseYaml('orders', namespace, {
        engine: 'postgresql',
        version: '17',
        storage: { size: '1Gi' },
        deletionPolicy: 'Delete',
      }),
    );
    await environment.settled('orders');
    await cluster.expectKubectl(['delete', 'database', 'orders', '-n', namespace, '--timeout=120s']);
    await eventually(
      'nothing is left',
      90_000,
      async () => (await cluster.list(children, namespace, 'app=orders')).length === 0,
      async () => (await cluster.list(children, namespace, 'app=orders')).map((o) => o.metadata.name).join(', '),
    );
  });

  it('streams to replicas when there are three', async () => {
    await cluster.apply(
      databaseYaml('trio', namespace, {
        engine: 'postgresql',
        version: '17',
        replicas: 3,
        storage: { size: '1Gi' },
        deletionPolicy: 'Delete',
      }),
    );
    const database = await eventually('three members are ready', 240_000, async () => {
      const object = await cluster.get('database', namespace, 'trio');
      return object?.status?.['readyReplicas'] === 3 && object.status['phase'] === 'Running' ? object : undefined;
    });
    assert.equal(database.status?.['currentPrimary'], 'trio-0');
    await environment.psqlEventually('trio', 'create table r (i int); insert into r values (7)');
    await eventually('a replica has the row', 30_000, async () => {
      const answer = await environment.psql('trio-readonly', 'trio-secret', 'select i from r').catch(() => '');
      return answer === '7';
    });
    assert.equal(await environment.psql('trio-readonly', 'trio-secret', 'select pg_is_in_recovery()'), 't');
    await cluster.expectKubectl(['delete', 'database', 'trio', '-n', namespace, '--timeout=120s']);
  });

  it('converges when the operator is killed at any moment of a create', async () => {
    for (const milliseconds of [50, 200, 600, 1500]) {
      const name = `killed-${milliseconds}`;
      await cluster.apply(
        databaseYaml(name, namespace, {
          engine: 'postgresql',
          version: '17',
          storage: { size: '1Gi' },
          deletionPolicy: 'Delete',
        }),
      );
      await delay(milliseconds);
      await environment.killOperator();
      await environment.startOperator();
    }
    for (const milliseconds of [50, 200, 600, 1500]) {
      await running(`killed-${milliseconds}`);
      assert.equal(await environment.psqlEventually(`killed-${milliseconds}`, 'select 1'), '1');
    }
  });
});

function ready(pod: Json): boolean {
  const conditions = (pod.status?.['conditions'] ?? []) as readonly { type: string; status: string }[];
  return conditions.some((condition) => condition.type === 'Ready' && condition.status === 'True');
}

/** Resource versions of a Database's children (pods by uid: their status breathes). */
async function versions(cluster: Cluster, namespace: string, name: string): Promise<Record<string, string>> {
  const objects = await cluster.list(children, namespace, `app=${name}`);
  const entries = objects.map((object) => {
    const { kind } = object as unknown as { kind: string };
    const version = kind === 'Pod' ? object.metadata.uid : object.metadata.resourceVersion;
    return [`${kind}/${object.metadata.name}`, version] as const;
  });
  return Object.fromEntries(entries);
}
