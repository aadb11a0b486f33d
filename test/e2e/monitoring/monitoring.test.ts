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
  my: { engine: 'mysql', version: '8.0', replicas: 2, up: 'mysql_up', spec: { resources: { limits: { memory: '1Gi' } } } },
  ma: { engine: 'mariadb', version: '11.8', replicas: 1, up: 'mysql_up', spec: { resources: { limits: { memory: '1Gi' } } } },
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
  [/job=~"\$job".*findings/, 'nothing was found fault with'],
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

  it('waits for the Prometheus operator’s definitions, and picks them up when they appear', async () => {
    for (const [name, { spec, engine, version, replicas }] of Object.entries(subjects)) {
      const yaml = databaseYaml(name, namespace, {
        engine,
        version,
        replicas,
        storage: { size: '1Gi' },
        deletionPolicy: 'Delete',
        ...spec,
      });
      const { code, stderr } = await cluster.apply(`${yaml}---\n${monitorOf(name)}`);
      assert.equal(code, 0, stderr);
      assert.ok(!stderr.includes('does not act'), stderr);
    }
    await eventually('it says what is missing', 120_000, async () =>
      (await readyReason('pg')) === 'ServiceMonitorNotInstalled',
    );
    assert.ok(await cluster.prepare(['addon', 'prometheus-crds']));
    for (const name of Object.keys(subjects)) {
      await environment.phase(name, 'Running');
      await eventually(
        `the monitor of ${name} is ready`,
        180_000,
        async () => (await readyReason(name)) === 'ServiceMonitorMade',
        () => readyReason(name),
      );
    }
    const rule = await cluster.get('prometheusrule', namespace, 'watch-pg-monitor');
    assert.equal(rule?.metadata.labels?.['release'], 'prometheus');
  });

  it('restarts no server', async () => {
    const pods = await cluster.list('pods', namespace, 'app.kubernetes.io/component=database');
    assert.equal(pods.length, Object.values(subjects).reduce((sum, { replicas }) => sum + replicas, 0));
    for (const pod of pods) {
      const containers = pod.spec?.['containers'] as readonly unknown[];
      assert.equal(containers.length, 1, pod.metadata.name);
    }
  });

  it('lets a Prometheus see every server of every engine', async () => {
    prometheus = await startPrometheus({
      cluster,
      namespace,
      kubeconfig: environment.kubeconfigInside,
      operationsPort: environment.operationsPort,
    });
    for (const [name, { up, replicas }] of Object.entries(subjects)) {
      await eventually(
        `${replicas} servers of ${name} answer`,
        90_000,
        async () => (await query(`${up}{${of(name)}} == 1`)).length === replicas,
        async () => JSON.stringify(await query(`{__name__=~"up|${up}",${of(name)}}`)),
      );
      const labels = (await query(`${up}{${of(name)}}`)).map(({ metric }) => metric['pod']).sort();
      assert.deepEqual(labels, Array.from({ length: replicas }, (_, ordinal) => `${name}-${ordinal}`));
    }
  });

  for (const name of Object.keys(subjects)) {
    it(`draws every panel of the dashboard of ${name}`, async () => {
      const map = await cluster.get('configmap', namespace, `watch-${name}-dashboard`);
      assert.equal(map?.metadata.labels?.['grafana_dashboard'], '1');
      const board = JSON.parse(map.data?.[`watch-${name}-dashboard.json`] ?? '{}') as Board;
      const lone = subjects[name]?.replicas === 1;
      const wanted = board.panels
        .filter(({ title }) => !(lone && title === 'Replication lag'))
        .flatMap(({ targets }) => targets.map(({ expr }) => expr));
      assert.ok(wanted.length > 15, String(wanted.length));
      await assertData(wanted);
    });
  }

  it('draws every panel of the operator’s own dashboard', () =>
    assertData(panels.flatMap(({ queries }) => queries.map(([, expression]) => expression))));

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

  it('says nothing while all is well', async () => {
    for (const name of Object.keys(subjects)) {
      const firing = await eventually(`nothing fires for ${name}`, 180_000, async () => {
        const names = await prometheus!.firing(name);
        return names.length === 0 && names;
      }, async () => (await prometheus!.firing(name)).join(' '));
      assert.deepEqual(firing, []);
    }
  });

  it('tells that a database is down within the stated time, and that it is back', async () => {
    await environment.killOperator();
    const begin = Date.now();
    await cluster.expectKubectl(['scale', 'statefulset', 'pg', '--replicas=0', '-n', namespace]);
    await eventually(
      'the servers have ended',
      60_000,
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
    await eventually('no alert fires any more', 180_000, async () => (await prometheus!.firing('pg')).length === 0);
    const seconds = (from: number, to: number): number => Math.round((to - from) / 1000);
    process.stderr.write(
      `  DatabaseDown ${seconds(ended, told)} s after the last server was gone (${seconds(begin, ended)} s after the order), resolved ${seconds(told, Date.now())} s after the operator came back\n`,
    );
  });

  it('leaves nothing of a DatabaseMonitor that is deleted', async () => {
    await cluster.expectKubectl(['delete', 'databasemonitor', 'watch-rd', '-n', namespace]);
    const kinds = ['deployments', 'services', 'servicemonitors', 'prometheusrules', 'configmaps'];
    const label = 'database.example.com/owner-name=watch-rd';
    await eventually('all of it is gone', 60_000, async () => {
      const left = await Promise.all(kinds.map((kind) => cluster.list(kind, namespace, label)));
      return left.every((objects: readonly Json[]) => objects.length === 0);
    });
  });
});

interface Board {
  readonly panels: readonly { readonly title: string; readonly targets: readonly { readonly expr: string }[] }[];
}
