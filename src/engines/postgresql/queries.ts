/** Of prometheus-community's postgres_exporter. */
import { perSecond, type EngineQueries } from '../queries.ts';

export const queries: EngineQueries = {
  up: (s) => `max by (pod) (pg_up{${s}})`,
  writable: (s) => `max by (pod) (pg_replication_is_replica{${s}} == bool 0)`,
  lag: (s) =>
    `max by (pod) (pg_replication_lag_seconds{${s}}) and on (pod) (max by (pod) (pg_replication_is_replica{${s}}) == 1)`,
  broken: (s) =>
    `(max by (pod) (pg_replication_is_replica{${s}}) == 1) unless on (pod) max by (pod) (pg_stat_wal_receiver_last_msg_receipt_time{${s}})`,
  connections: (s) => `sum by (pod) (pg_stat_activity_count{${s}})`,
  mostConnections: (s) => `max by (pod) (pg_settings_max_connections{${s}})`,
  dataBytes: (s) => `sum by (pod) (pg_database_size_bytes{${s}}) + on (pod) max by (pod) (pg_wal_size_bytes{${s}})`,
  starts: (s, within) => `max by (pod) (changes(pg_postmaster_start_time_seconds{${s}}[${within}]))`,
  panels: (s) => [
    {
      title: 'Transactions',
      unit: 'ops',
      queries: [
        ['{{pod}} commits', perSecond('pg_stat_database_xact_commit', s)],
        ['{{pod}} rollbacks', perSecond('pg_stat_database_xact_rollback', s)],
      ],
    },
    {
      title: 'Rows',
      unit: 'ops',
      queries: ['inserted', 'updated', 'deleted', 'fetched'].map((what) => [
        `{{pod}} ${what}`,
        perSecond(`pg_stat_database_tup_${what}`, s),
      ]),
    },
    {
      title: 'Pages found in shared buffers',
      unit: 'percentunit',
      queries: [
        [
          '{{pod}}',
          `${perSecond('pg_stat_database_blks_hit', s)} / (${perSecond('pg_stat_database_blks_hit', s)} + ${perSecond('pg_stat_database_blks_read', s)})`,
        ],
      ],
    },
    {
      title: 'Deadlocks and conflicts',
      unit: 'ops',
      queries: [
        ['{{pod}} deadlocks', perSecond('pg_stat_database_deadlocks', s)],
        ['{{pod}} conflicts', perSecond('pg_stat_database_conflicts', s)],
      ],
    },
    { title: 'Locks', unit: 'short', queries: [['{{pod}} {{mode}}', `sum by (pod, mode) (pg_locks_count{${s}})`]] },
    {
      title: 'Size of the databases',
      unit: 'bytes',
      queries: [['{{pod}} {{datname}}', `max by (pod, datname) (pg_database_size_bytes{${s}})`]],
    },
    {
      title: 'Age of the oldest transaction id',
      unit: 'short',
      queries: [['{{pod}}', `max by (pod) (pg_database_wraparound_age_datfrozenxid_seconds{${s}})`]],
    },
    {
      title: 'Longest transaction',
      unit: 's',
      queries: [['{{pod}}', `max by (pod) (pg_stat_activity_max_tx_duration{${s}})`]],
    },
  ],
};
