/**
 * A PostgreSQL whose log is stored between backups, brought to a moment on another volume: from before a change that nobody
 * wanted, across a change of the primary and an end of whatever stores the log.
 */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { stringify } from 'yaml';
import { loadAgent } from '../agent.ts';
import { eventually, type Cluster, type Json } from '../cluster.ts';
import { databaseYaml, startEnvironment, type Environment } from '../environment.ts';

async function prepare(cluster: Cluster): Promise<readonly string[]> {
  const args = await loadAgent(cluster);
  await cluster.prepare(['addon', 's3']);
  return args;
}

describe('recovery to a moment', function () {
  this.timeout(600_000);
  let environment: Environment;
  let cluster: Cluster;
  let namespace: string;
  let moment: string;
  let s3: Readonly<Record<string, string>>;
  const size = { storage: { size: '1Gi' } };

  before(async () => {
    environment = await startEnvironment('pitr', ['postgres-17', 'node-20'], prepare);
    ({ cluster, namespace } = environment);
    const given = await cluster.get('secret', 'default', 's3');
    const secret = (name: string, rest: object): string =>
      stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, ...rest });
    const keys = {
      'access-key-id': given?.data?.['AWS_ACCESS_KEY_ID'],
      'secret-access-key': given?.data?.['AWS_SECRET_ACCESS_KEY'],
    };
    const key = { stringData: { 'encryption-key': Buffer.alloc(32, 7).toString('base64') } };
    await cluster.expectKubectl(['apply', '-f', '-'], {
      input: [secret('s3', { data: keys }), secret('key', key)].join('---\n'),
    });
    s3 = {
      ...{ bucket: 'backups', endpoint: 'http://s3.default.svc.cluster.local:9000', credentialsSecret: 's3' },
      prefix: `${namespace}/`,
    };
  });
  after(() => environment.stop());

  async function apply(yaml: string): Promise<void> {
    const { code, stderr } = await cluster.apply(yaml);
    assert.equal(code, 0, stderr);
  }

  const superuser = async (sql: string): Promise<string> => {
    const object = await cluster.get('database', namespace, 'orders');
    const pod = String(object?.status?.['currentPrimary']);
    const args = ['exec', pod, '-c', 'postgresql', '-n', namespace, '--', 'psql', '-qAtX', '-d', 'postgres', '-c', sql];
    return (await cluster.expectKubectl(args)).trim();
  };
  const rows = (database: string): Promise<string> =>
    environment.psqlEventually(database, "select string_agg(what, ' ' order by id) from events");
  const write = (what: string): Promise<string> =>
    environment.psqlEventually('orders', `insert into events (what) values ('${what}') returning what`);

  /** The piece that is written now is ended, and lies in the bucket. */
  async function logIsStored(): Promise<void> {
    const piece = await superuser('select pg_walfile_name(pg_switch_wal())');
    await eventually(
      `${piece} is stored`,
      120_000,
      async () => {
        const { stdout } = await cluster.kubectl(['logs', 'deployment/orders-log', '-n', namespace, '--tail=-1']);
        return stdout.includes(`stored ${piece}`);
      },
      async () => (await cluster.kubectl(['logs', 'deployment/orders-log', '-n', namespace])).stdout.slice(-3000),
    );
  }

  const recover = (name: string, targetTime: string): Promise<void> => {
    const recovery = { s3: { ...s3, path: `${namespace}/orders` }, encryptionSecret: 'key', targetTime };
    const spec = { engine: 'postgresql', version: '17', databaseName: 'orders', username: 'orders', ...size };
    return apply(databaseYaml(name, namespace, { ...spec, bootstrap: { recovery } }));
  };

  const recovered = async (name: string): Promise<Json> =>
    eventually(
      `${name} is Running`,
      300_000,
      async () => {
        const object = await cluster.get('database', namespace, name);
        return object?.status?.['phase'] === 'Running' ? object : undefined;
      },
      async () => {
        const { stdout } = await cluster.kubectl(['get', 'database', name, '-n', namespace, '-o', 'yaml']);
        const logs = await cluster.kubectl(['logs', `job/${name}-recovery`, '-n', namespace, '--all-containers']);
        return `${stdout.slice(-3000)}\n${logs.stdout.slice(-3000)}`;
      },
    );

  it('stores the log of a running database, whose servers it leaves alone', async () => {
    const spec = { engine: 'postgresql', version: '17', replicas: 2, ...size };
    const backup = { enabled: true, schedule: '0 3 * * *', encryptionSecret: 'key', destination: { s3 } };
    await apply(databaseYaml('orders', namespace, { ...spec, backup }));
    await environment.phase('orders', 'Running');
    const pods = async (): Promise<readonly string[]> =>
      (await cluster.list('pods', namespace, 'app=orders,app.kubernetes.io/component=database')).map(
        ({ metadata }) => metadata.uid,
      );
    const uids = await pods();
    await apply(databaseYaml('orders', namespace, { ...spec, backup: { ...backup, pointInTime: true } }));
    await cluster.expectKubectl(['rollout', 'status', 'deployment/orders-log', '-n', namespace, '--timeout=120s']);
    await environment.psqlEventually('orders', 'create table events (id serial primary key, what text)');
    assert.deepEqual(await pods(), uids);
  });

  it('takes a backup with a copy of the files', async () => {
    await cluster.expectKubectl(['create', 'job', 'first', '--from=cronjob/orders-backup', '-n', namespace]);
    await cluster.expectKubectl(['wait', '--for=condition=Complete', 'job/first', '-n', namespace, '--timeout=180s'], {
      timeoutMs: 200_000,
    });
  });

  it('goes on through a change of the primary and an end of its own pod', async () => {
    assert.equal(await write('before'), 'before');
    await delay(1_500);
    moment = await superuser(`select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`);
    await delay(1_500);
    assert.equal(await write('unwanted'), 'unwanted');
    await logIsStored();
    const primary = (await cluster.get('database', namespace, 'orders'))?.status?.['currentPrimary'];
    const request = 'database.example.com/switchover=any';
    await cluster.expectKubectl(['annotate', 'database', 'orders', request, '-n', namespace]);
    await eventually('another primary', 60_000, async () => {
      const object = await cluster.get('database', namespace, 'orders');
      return object?.status?.['currentPrimary'] !== primary && object?.status?.['phase'] === 'Running';
    });
    assert.equal(await write('later'), 'later');
    await cluster.expectKubectl([
      ...['delete', 'pod', '-n', namespace, '-l', 'app=orders,app.kubernetes.io/component=log'],
      ...['--force', '--grace-period=0'],
    ]);
    assert.equal(await write('last'), 'last');
    await cluster.expectKubectl(['rollout', 'status', 'deployment/orders-log', '-n', namespace, '--timeout=120s']);
    await logIsStored();
  });

  it('brings a new Database to the moment before the unwanted change', async () => {
    await recover('undone', moment);
    await recovered('undone');
    assert.equal(await rows('undone'), 'before');
    assert.equal(
      await environment.psqlEventually('undone', "insert into events (what) values ('mine') returning what"),
      'mine',
    );
  });

  it('brings another to all that was stored, across the change of the primary, and says where the log ends', async () => {
    await recover('whole', new Date().toISOString());
    const object = await recovered('whole');
    assert.equal(await rows('whole'), 'before unwanted later last');
    const { conditions = [] } = object.status as { conditions?: readonly { type: string; message: string }[] };
    assert.match(conditions.find(({ type }) => type === 'Recovered')?.message ?? '', /the stored log ends before/);
  });

  it('refuses a moment before the first backup, and says from when on it can', async () => {
    await recover('early', '2020-01-01T00:00:00Z');
    await eventually('the condition says it', 180_000, async () => {
      const object = await cluster.get('database', namespace, 'early');
      const { conditions = [] } = (object?.status ?? {}) as {
        conditions?: readonly { type: string; reason: string; message: string }[];
      };
      const found = conditions.find(({ type }) => type === 'Recovered');
      return found?.reason === 'MomentNotCovered' && /the earliest is \d{4}-/.test(found.message);
    });
  });
});
