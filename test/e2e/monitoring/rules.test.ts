/** The alerts, judged by promtool over scripted failures: each fires in its time, for its cause alone, and resolves. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { stringify } from 'yaml';
import type { Database } from '../../../src/api/types.generated.ts';
import { alerts } from '../../../src/desired/alerts.ts';
import type { EngineName } from '../../../src/engines/engine.ts';
import { engineByName } from '../../../src/engines/index.ts';
import { createProgress } from '../../../tools/control-plane/progress.ts';
import { findPrometheus, type PrometheusBinaries } from '../../../tools/prometheus/binaries.ts';

/** Half a minute between two values. `1x9` is ten times 1. */
type Series = Readonly<Record<string, string>>;

interface Case {
  readonly what: string;
  readonly engine: EngineName;
  /** `@` stands for the labels that select the Database. */
  readonly series: Series;
  /** Minutes → alerts that fire then. */
  readonly firing: Readonly<Record<number, readonly string[]>>;
  readonly certificateEnds?: number;
}

const member = (ordinal: number): string => `@,pod="orders-${ordinal}"`;
/** Two members that are well for two hours; what a case says comes in its place. */
const well: Readonly<Record<EngineName, Series>> = {
  postgresql: {
    [`pg_up{${member(0)}}`]: '1x240',
    [`pg_up{${member(1)}}`]: '1x240',
    [`pg_replication_is_replica{${member(0)}}`]: '0x240',
    [`pg_replication_is_replica{${member(1)}}`]: '1x240',
    [`pg_replication_lag_seconds{${member(0)}}`]: '0x240',
    [`pg_replication_lag_seconds{${member(1)}}`]: '0x240',
    [`pg_stat_wal_receiver_last_msg_receipt_time{${member(1)}}`]: '1x240',
    [`pg_stat_activity_count{${member(0)},state="active"}`]: '10x240',
    [`pg_settings_max_connections{${member(0)}}`]: '100x240',
    [`pg_postmaster_start_time_seconds{${member(0)}}`]: '5x240',
    [`pg_database_size_bytes{${member(0)},datname="orders"}`]: '1000000x240',
    [`pg_wal_size_bytes{${member(0)}}`]: '1000000x240',
  },
  mysql: {
    [`mysql_up{${member(0)}}`]: '1x240',
    [`mysql_up{${member(1)}}`]: '1x240',
    [`mysql_global_variables_read_only{${member(0)}}`]: '0x240',
    [`mysql_global_variables_read_only{${member(1)}}`]: '1x240',
    [`mysql_slave_status_seconds_behind_master{${member(1)}}`]: '0x240',
    [`mysql_slave_status_slave_io_running{${member(1)}}`]: '1x240',
    [`mysql_slave_status_slave_sql_running{${member(1)}}`]: '1x240',
    [`mysql_global_status_threads_connected{${member(0)}}`]: '10x240',
    [`mysql_global_variables_max_connections{${member(0)}}`]: '100x240',
    [`mysql_global_status_uptime{${member(0)}}`]: '0+30x240',
  },
  mariadb: {
    [`mysql_up{${member(0)}}`]: '1x240',
    [`mysql_up{${member(1)}}`]: '1x240',
    [`mysql_global_variables_read_only{${member(0)}}`]: '0x240',
    [`mysql_global_variables_read_only{${member(1)}}`]: '1x240',
  },
  redis: {
    [`redis_up{${member(0)}}`]: '1x240',
    [`redis_up{${member(1)}}`]: '1x240',
    [`redis_instance_info{${member(0)},role="master"}`]: '1x240',
    [`redis_instance_info{${member(1)},role="slave"}`]: '1x240',
    [`redis_master_last_io_seconds_ago{${member(1)}}`]: '0x240',
    [`redis_master_link_up{${member(1)}}`]: '1x240',
    [`redis_connected_clients{${member(0)}}`]: '10x240',
    [`redis_max_clients{${member(0)}}`]: '100x240',
    [`redis_uptime_in_seconds{${member(0)}}`]: '0+30x240',
    [`redis_aof_current_size_bytes{${member(0)}}`]: '1000x240',
  },
  mongodb: {
    [`mongodb_up{${member(0)}}`]: '1x240',
    [`mongodb_up{${member(1)}}`]: '1x240',
    [`mongodb_rs_myState{${member(0)}}`]: '1x240',
    [`mongodb_rs_myState{${member(1)}}`]: '2x240',
    [`mongodb_rs_members_optimeDate{${member(0)},self="1"}`]: '0+30000x240',
    [`mongodb_rs_members_optimeDate{${member(1)},self="1"}`]: '0+30000x240',
    [`mongodb_ss_connections{${member(0)},conn_type="current"}`]: '10x240',
    [`mongodb_ss_connections{${member(0)},conn_type="available"}`]: '90x240',
    [`mongodb_ss_uptime{${member(0)}}`]: '0+30x240',
  },
};

const known = (what: string): string =>
  `database_operator_database_${what}{database_namespace="shop",database="orders"}`;
const volume = (what: string): string =>
  `kubelet_volume_stats_${what}{namespace="shop",persistentvolumeclaim="data-orders-0"}`;

const common: readonly Case[] = [
  {
    what: 'a volume that is nearly full, by the kubelet',
    engine: 'mysql',
    series: { [volume('available_bytes')]: '100x60 900x60', [volume('capacity_bytes')]: '1000x240' },
    firing: { 4: [], 6: ['DatabaseStorageFull'], 40: [] },
  },
  {
    what: 'a volume that will be full within a day',
    engine: 'mysql',
    series: { [volume('available_bytes')]: '5000-10x240', [volume('capacity_bytes')]: '10000x240' },
    firing: { 20: [], 40: ['DatabaseStorageFilling'] },
  },
  {
    what: 'a volume that is nearly full, by what the engine counts where the kubelet is not scraped',
    engine: 'postgresql',
    series: { [`pg_database_size_bytes{${member(0)},datname="orders"}`]: '1000000000x240' },
    firing: { 4: [], 6: ['DatabaseStorageFull'] },
  },
  {
    what: 'the kubelet’s word counts where both are known',
    engine: 'postgresql',
    series: {
      [`pg_database_size_bytes{${member(0)},datname="orders"}`]: '1000000000x240',
      [volume('available_bytes')]: '900x240',
      [volume('capacity_bytes')]: '1000x240',
    },
    firing: { 6: [] },
  },
  {
    what: 'a backup that failed',
    engine: 'redis',
    series: { [known('backup_failed')]: '0x10 1x30 0x30' },
    firing: { 5: [], 12: ['DatabaseBackupFailed'], 22: [] },
  },
  {
    what: 'a backup that is too old',
    engine: 'redis',
    series: { [known('backup_wanted')]: '1x240', [known('last_backup_timestamp_seconds')]: '-93000x60 3000x60' },
    firing: { 5: [], 22: ['DatabaseBackupStale'], 40: [] },
  },
  {
    what: 'no backup at all, long after the beginning',
    engine: 'redis',
    series: { [known('backup_wanted')]: '1x240', [known('created_timestamp_seconds')]: '-100000x240' },
    firing: { 12: ['DatabaseBackupStale'] },
  },
  {
    what: 'no backup yet, soon after the beginning; and none that is wanted',
    engine: 'redis',
    series: { [known('backup_wanted')]: '1x60 0x60', [known('created_timestamp_seconds')]: '0x60 -100000x60' },
    firing: { 20: [], 50: [] },
  },
  {
    what: 'a backup that nobody has proven for long',
    engine: 'redis',
    series: { [known('proof_wanted')]: '1x240', [known('last_proof_timestamp_seconds')]: '-700000x240' },
    firing: { 30: [], 80: ['DatabaseBackupUnproven'] },
  },
  {
    what: 'a Database that the operator can not get ready',
    engine: 'redis',
    series: { [known('ready')]: '0x60 1x60' },
    firing: { 14: [], 16: ['DatabaseNotReady'], 40: [] },
  },
  {
    what: 'a certificate that ends soon',
    engine: 'redis',
    series: {},
    certificateEnds: 13 * 86_400,
    firing: { 50: [], 70: ['DatabaseCertificateExpiring'] },
  },
];

/** The same failures with the figures of each exporter. */
interface Words {
  readonly up: string;
  readonly alsoPrimary: Series;
  readonly noPrimary: Series;
  readonly behind?: Series;
  readonly broken?: Series;
  readonly crowded?: Series;
  readonly restarts?: Series;
}

const words: Readonly<Record<EngineName, Words>> = {
  postgresql: {
    up: 'pg_up',
    alsoPrimary: { [`pg_replication_is_replica{${member(1)}}`]: '1x9 0x60' },
    noPrimary: { [`pg_replication_is_replica{${member(0)}}`]: '0x9 1x60' },
    behind: { [`pg_replication_lag_seconds{${member(1)}}`]: '0x9 31x19 0x60' },
    broken: { [`pg_stat_wal_receiver_last_msg_receipt_time{${member(1)}}`]: '1x9 stale _x60' },
    crowded: { [`pg_stat_activity_count{${member(0)},state="active"}`]: '10x9 81x60' },
    restarts: { [`pg_postmaster_start_time_seconds{${member(0)}}`]: '5x9 6 7 8 8x60' },
  },
  mysql: {
    up: 'mysql_up',
    alsoPrimary: { [`mysql_global_variables_read_only{${member(1)}}`]: '1x9 0x60' },
    noPrimary: { [`mysql_global_variables_read_only{${member(0)}}`]: '0x9 1x60' },
    behind: { [`mysql_slave_status_seconds_behind_master{${member(1)}}`]: '0x9 31x19 0x60' },
    broken: { [`mysql_slave_status_slave_sql_running{${member(1)}}`]: '1x9 0x60' },
    crowded: { [`mysql_global_status_threads_connected{${member(0)}}`]: '10x9 81x60' },
    restarts: { [`mysql_global_status_uptime{${member(0)}}`]: '50x9 10 5 1 1x60' },
  },
  mariadb: {
    up: 'mysql_up',
    alsoPrimary: { [`mysql_global_variables_read_only{${member(1)}}`]: '1x9 0x60' },
    noPrimary: { [`mysql_global_variables_read_only{${member(0)}}`]: '0x9 1x60' },
  },
  redis: {
    up: 'redis_up',
    alsoPrimary: { [`redis_instance_info{${member(1)},role="master"}`]: '_x10 1x60' },
    noPrimary: { [`redis_instance_info{${member(0)},role="master"}`]: '1x9 stale _x60' },
    behind: { [`redis_master_last_io_seconds_ago{${member(1)}}`]: '0x9 31x19 0x60' },
    broken: { [`redis_master_link_up{${member(1)}}`]: '1x9 0x60' },
    crowded: { [`redis_connected_clients{${member(0)}}`]: '10x9 81x60' },
    restarts: { [`redis_uptime_in_seconds{${member(0)}}`]: '50x9 10 5 1 1x60' },
  },
  mongodb: {
    up: 'mongodb_up',
    alsoPrimary: { [`mongodb_rs_myState{${member(1)}}`]: '2x9 1x60' },
    noPrimary: { [`mongodb_rs_myState{${member(0)}}`]: '1x9 2x60' },
    behind: { [`mongodb_rs_members_optimeDate{${member(1)},self="1"}`]: '0+30000x9 300000x19 900000+30000x60' },
    broken: { [`mongodb_rs_myState{${member(1)}}`]: '2x9 3x60' },
    crowded: { [`mongodb_ss_connections{${member(0)},conn_type="current"}`]: '10x9 500x60' },
    restarts: { [`mongodb_ss_uptime{${member(0)}}`]: '50x9 10 5 1 1x60' },
  },
};

/** Each begins after five minutes. */
const failuresOf = (engine: EngineName): readonly Case[] => {
  const own = words[engine];
  const one = (what: string, series: Series | undefined, alert: string, from: number, before = from - 1.5): Case[] =>
    series === undefined ? [] : [{ what, engine, series, firing: { [before]: [], [from]: [alert] } }];
  const ended = (series: Series | undefined): Case[] =>
    series === undefined
      ? []
      : [
          {
            what: 'a replica that falls behind and catches up',
            engine,
            series,
            firing: { 6: [], 8: ['DatabaseReplicationLag'], 17: [] },
          },
        ];
  const members = (first: string, second: string): Series => ({
    [`${own.up}{${member(0)}}`]: first,
    [`${own.up}{${member(1)}}`]: second,
  });
  return [
    { what: 'all is well', engine, series: {}, firing: { 1: [], 60: [] } },
    {
      what: 'no server answers, and later both do',
      engine,
      series: { ...members('1x9 0x19 1x60', '1x9 0x19 1x60') },
      firing: { 5.5: [], 7: ['DatabaseDown'], 17: [] },
    },
    {
      what: 'one server of two is away',
      engine,
      series: { ...members('1x60', '1x9 0x60') },
      firing: { 9: [], 11: ['DatabaseMemberDown'] },
    },
    ...one('two servers take writes', own.alsoPrimary, 'DatabaseTwoPrimaries', 7),
    ...one('no server takes writes', own.noPrimary, 'DatabaseWithoutPrimary', 7),
    ...ended(own.behind),
    ...one('a replica receives nothing any more', own.broken, 'DatabaseReplicationBroken', 11, 9),
    ...one('connections run out', own.crowded, 'DatabaseConnectionsNearLimit', 11),
    ...one('a server starts again and again', own.restarts, 'DatabaseRestarting', 7, 4),
  ];
};

function groupOf({ engine, certificateEnds }: Case): unknown {
  const database = {
    apiVersion: 'example.com/v1',
    kind: 'Database',
    metadata: { name: 'orders', namespace: 'shop' },
    spec: { engine, version: '1', replicas: 2, storage: { size: '1Gi' } },
  } as Database;
  const { queries } = engineByName(engine)!.runtime!;
  return alerts({ database, queries, thresholds: {}, ...(certificateEnds !== undefined && { certificateEnds }) });
}

describe('alerts', () => {
  let tools: PrometheusBinaries;
  let folder: string;
  before(async function () {
    this.timeout(3_600_000);
    tools = await findPrometheus(createProgress(process.stderr));
    folder = await mkdtemp(path.join(tmpdir(), 'alerts-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const promtool = (args: readonly string[]): Promise<{ code: number; output: string }> =>
    new Promise((resolve) => {
      execFile(tools.promtool, args, (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : 1, output: `${stdout}${stderr}` }),
      );
    });

  /** A test of promtool: every alert that is not named must not fire. */
  const testOf = (one: Case): object => {
    const labels = 'namespace="shop",database="orders"';
    const series = Object.entries({ ...well[one.engine], ...one.series });
    return {
      interval: '30s',
      input_series: series.map(([name, values]) => ({ series: name.replaceAll('@', labels), values })),
      promql_expr_test: Object.entries(one.firing).map(([minutes, names]) => ({
        expr: 'count by (alertname) (ALERTS{alertstate="firing"})',
        eval_time: `${Number(minutes) * 60}s`,
        exp_samples: names.map((name) => ({ labels: `{alertname="${name}"}`, value: 1 })),
      })),
    };
  };

  const judge = async (one: Case): Promise<void> => {
    await writeFile(path.join(folder, 'rules.yaml'), stringify({ groups: [groupOf(one)] }));
    const test = { rule_files: ['rules.yaml'], evaluation_interval: '30s', tests: [testOf(one)] };
    await writeFile(path.join(folder, 'test.yaml'), stringify(test));
    const { code, output } = await promtool(['test', 'rules', path.join(folder, 'test.yaml')]);
    assert.equal(code, 0, output);
  };

  for (const engine of Object.keys(words) as EngineName[]) {
    describe(engine, () => {
      for (const one of failuresOf(engine)) it(one.what, () => judge(one));
    });
  }
  describe('whatever the engine', () => {
    for (const one of common) it(one.what, () => judge(one));
  });

  it('of the operator itself are rules that Prometheus takes', async () => {
    const file = path.resolve(import.meta.dirname, '../../../charts/database-operator/files/alerts.yaml');
    const { code, output } = await promtool(['check', 'rules', file]);
    assert.equal(code, 0, output);
  });
});
