/** From a DatabaseMonitor to an alert that fires and resolves: a real Prometheus scrapes real servers. */
import assert from 'node:assert/strict';
import { stringify } from 'yaml';
import { panels } from '../../../tools/generate/chart-dashboard.ts';
import { eventually, type Cluster, type Json } from '../cluster.ts';
import { databaseYaml, startEnvironment, type Environment } from '../environment.ts';
import { startPrometheus, type PrometheusServer } from './prometheus.ts';

interface Subject {
  readonly engine: string;
  readonly version: string;
  readonly replicas: number;
  readonly spec?: object;
  /** Says of a server that it answers. */
  readonly up: string;
}

const subjects: Readonly<Record<string, Subject>> = {
  pg: { engine: 'postgresql', version: '17', replicas: 2, up: 'pg_up' },
  rd: { engine: 'redis', version: '8.0', replicas: 2, up: 'redis_up' },
  my: {
    engine: 'mysql',
    version: '8.0',
    replicas: 2,
    up: 'mysql_up',
    spec: { resources: { limits: { memory: '1Gi' } } },
  },
  ma: {
    engine: 'mariadb',
    version: '11.8',
    replicas: 1,
    up: 'mysql_up',
    spec: { resources: { limits: { memory: '1Gi' } } },
  },
};

const images = [
  'postgres-17',
  'redis-8.0',
  'mysql-8.0',
  'mariadb-11.8',
  'postgres-exporter',
  'redis-exporter',
  'mysqld-exporter',
];

/** Panels that stay empty here, and why. */
const empty: readonly (readonly [RegExp, string])[] = [
  [/last_backup_timestamp_seconds|last_proof_timestamp_seconds/, 'no backup is made in this test'],
];

/** DatabaseDown waits a minute; a scrape, an evaluation and a slow machine come on top. */
const DOWN_WITHIN_MS = 60_000 + 5_000 + 5_000 + 20_000;

describe('monitoring', function () {
  this.timeout(900_000);
  let environment: Environment;
  let cluster: Cluster;
  let namespace: string;
  let prometheus: PrometheusServer | undefined;

  before(async () => {
    environment = await startEnvironment('monitoring', images);
    ({ cluster, namespace } = environment);
    await cluster.kubectl([
      'delete',
      'crd',
      ...['servicemonitors', 'prometheusrules'].map((plural) => `${plural}.monitoring.coreos.com`),
      '--ignore-not-found',
    ]);
  });
  after(async () => {
    await prometheus?.stop();
    await environment.stop();
  });

  const monitorOf = (name: string): string =>
    stringify({
      apiVersion: 'example.com/v1',
      kind: 'DatabaseMonitor',
      metadata: { name: `watch-${name}`, namespace, labels: { release: 'prometheus' } },
      spec: { databaseRef: { name }, scrapeInterval: '5s', alerting: true },
    });
  const readyReason = async (name: string): Promise<string> => {
    const monitor = await cluster.get('databasemonitor', namespace, `watch-${name}`);
    const conditions = (monitor?.status?.['conditions'] ?? []) as readonly { type: string; reason: string }[];
    return conditions.find(({ type }) => type === 'Ready')?.reason ?? '';
  };
  const query = (expression: string) => prometheus!.query(expression);
  const of = (name: string): string => `namespace="${namespace}",database="${name}"`;

  const apply = async (name: string): Promise<void> => {
    const { engine, version, replicas, spec } = subjects[name]!;
    const fixed = { engine, version, replicas, storage: { size: '1Gi' }, deletionPolicy: 'Delete' };
    const { code, stderr } = await cluster.apply(
      `${databaseYaml(name, namespace, { ...fixed, ...spec })}---\n${monitorOf(name)}`,
    );
    assert.equal(code, 0, stderr);
    assert.ok(!stderr.includes('does not act'), stderr);
  };
  const ready = async (name: string): Promise<void> => {
    const phase = async (): Promise<unknown> => (await cluster.get('database', namespace, name))?.status?.['phase'];
    await eventually(
      `${name} is Running`,
      600_000,
      async () => (await phase()) === 'Running',
      async () => String(await phase()),
    );
    await eventually(
      `the monitor of ${name} is ready`,
      180_000,
      async () => (await readyReason(name)) === 'ServiceMonitorMade',
      () => readyReason(name),
    );
  };
  const watch = async (name: string): Promise<void> => {
    const { up, replicas } = subjects[name]!;
    prometheus = await startPrometheus({
      cluster,
      namespace,
      kubeconfig: environment.kubeconfigInside,
      operationsPort: environment.operationsPort,
    });
    await eventually(
      `${replicas} servers of ${name} answer`,
      180_000,
      async () => (await query(`${up}{${of(name)}} == 1`)).length === replicas,
      async () => JSON.stringify(await query(`{__name__=~"up|${up}",${of(name)}}`)),
    );
    const labels = (await query(`${up}{${of(name)}}`)).map(({ metric }) => metric['pod']).sort();
    assert.deepEqual(
      labels,
      Array.from({ length: replicas }, (_, ordinal) => `${name}-${ordinal}`),
    );
  };
  const draws = async (name: string): Promise<void> => {
    const map = await cluster.get('configmap', namespace, `watch-${name}-dashboard`);
    assert.equal(map?.metadata.labels?.['grafana_dashboard'], '1');
    const board = JSON.parse(map.data?.[`watch-${name}-dashboard.json`] ?? '{}') as Board;
    const lone = subjects[name]?.replicas === 1;
    const wanted = board.panels
      .filter(({ title }) => !(lone && title === 'Replication lag'))
      .flatMap(({ targets }) => targets.map(({ expr }) => expr));
    assert.ok(wanted.length > 15, String(wanted.length));
    await assertData(wanted);
  };
  const quiet = (name: string): Promise<unknown> =>
    eventually(
      `nothing fires for ${name}`,
      300_000,
      async () => (await prometheus!.firing(name)).length === 0,
      async () => (await prometheus!.firing(name)).join(' '),
    );
  /** With all that is made of it: one at a time is enough for a small machine. */
  const remove = async (name: string): Promise<void> => {
    await prometheus?.stop();
    prometheus = undefined;
    await cluster.expectKubectl(['delete', 'databasemonitor', `watch-${name}`, '-n', namespace]);
    const kinds = ['deployments', 'services', 'servicemonitors', 'prometheusrules', 'configmaps'];
    const label = `database.example.com/owner-name=watch-${name}`;
    await eventually(`nothing is left of the monitor of ${name}`, 60_000, async () => {
      const left = await Promise.all(kinds.map((kind) => cluster.list(kind, namespace, label)));
      return left.every((objects: readonly Json[]) => objects.length === 0);
    });
    await cluster.expectKubectl(['delete', 'database', name, '-n', namespace, '--timeout=180s'], {
      timeoutMs: 200_000,
    });
  };

  it('waits for the Prometheus operator’s definitions, and picks them up when they appear', async () => {
    await apply('pg');
    await eventually(
      'it says what is missing',
      120_000,
      async () => (await readyReason('pg')) === 'ServiceMonitorNotInstalled',
    );
    assert.ok(await cluster.prepare(['addon', 'prometheus-crds']));
    await ready('pg');
    const rule = await cluster.get('prometheusrule', namespace, 'watch-pg-monitor');
    assert.equal(rule?.metadata.labels?.['release'], 'prometheus');
    const pods = await cluster.list('pods', namespace, 'app.kubernetes.io/component=database');
    assert.deepEqual(
      pods.map((pod) => (pod.spec?.['containers'] as readonly unknown[]).length),
      [1, 1],
      'servers are as they were',
    );
  });

  it('lets a Prometheus see every server of PostgreSQL, and draws every panel', async () => {
    await watch('pg');
    await draws('pg');
  });

  it('draws every panel of the operator’s own dashboard', () =>
    assertData(panels.flatMap(({ queries }) => queries.map(([, expression]) => expression))));

  it('tells that a database is down within the stated time, and that it is back', async () => {
    await quiet('pg');
    await environment.killOperator();
    const begin = Date.now();
    await cluster.expectKubectl(['scale', 'statefulset', 'pg', '--replicas=0', '-n', namespace]);
    await eventually(
      'the servers have ended',
      120_000,
      async () => (await query(`pg_up{${of('pg')}} == 1`)).length === 0,
    );
    const ended = Date.now();
    await eventually(
      'DatabaseDown fires',
      DOWN_WITHIN_MS,
      async () => (await prometheus!.firing('pg')).includes('DatabaseDown'),
      async () => (await prometheus!.firing('pg')).join(' '),
    );
    const told = Date.now();
    await environment.startOperator();
    await quiet('pg');
    const seconds = (from: number, to: number): number => Math.round((to - from) / 1000);
    process.stderr.write(
      `  DatabaseDown ${seconds(ended, told)} s after the last server was gone (${seconds(begin, ended)} s after the order), resolved ${seconds(told, Date.now())} s after the operator came back\n`,
    );
    await remove('pg');
  });

  for (const name of Object.keys(subjects).filter((one) => one !== 'pg')) {
    it(`does the same for ${subjects[name]!.engine}`, async () => {
      await apply(name);
      await ready(name);
      await watch(name);
      await draws(name);
      await quiet(name);
      await remove(name);
    });
  }

  /** The kubelet looks at volumes once a minute, and a rate needs two scrapes. */
  async function assertData(expressions: readonly string[]): Promise<void> {
    const asked = expressions.filter((expression) => !empty.some(([pattern]) => pattern.test(expression)));
    let missing = asked;
    await eventually(
      'every query has data',
      150_000,
      async () => {
        const answers = await Promise.all(
          missing.map((expression) =>
            query(expression.replaceAll('$__rate_interval', '1m').replaceAll('job=~"$job"', 'job="database-operator"')),
          ),
        );
        missing = missing.filter((_, index) => answers[index]!.length === 0);
        return missing.length === 0;
      },
      () => Promise.resolve(missing.join('\n')),
    );
  }
});

interface Board {
  readonly panels: readonly { readonly title: string; readonly targets: readonly { readonly expr: string }[] }[];
}
