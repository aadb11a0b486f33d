/** Of oliver006's redis_exporter. */
import { perSecond, type EngineQueries } from '../queries.ts';

export const queries: EngineQueries = {
  up: (s) => `max by (pod) (redis_up{${s}})`,
  writable: (s) => `max by (pod) (redis_instance_info{${s},role="master"}) or 0 * max by (pod) (redis_up{${s}})`,
  // -1 without a connection, which is no lag but the end of it.
  lag: (s) => `max by (pod) (redis_master_last_io_seconds_ago{${s}} >= 0)`,
  broken: (s) => `max by (pod) (redis_master_link_up{${s}}) == 0`,
  connections: (s) => `max by (pod) (redis_connected_clients{${s}})`,
  mostConnections: (s) => `max by (pod) (redis_max_clients{${s}})`,
  dataBytes: (s) => `max by (pod) (redis_aof_current_size_bytes{${s}})`,
  starts: (s, within) => `max by (pod) (resets(redis_uptime_in_seconds{${s}}[${within}]))`,
  panels: (s) => [
    { title: 'Commands', unit: 'ops', queries: [['{{pod}}', perSecond('redis_commands_processed_total', s)]] },
    {
      title: 'Memory',
      unit: 'bytes',
      queries: [
        ['{{pod}} used', `max by (pod) (redis_memory_used_bytes{${s}})`],
        ['{{pod}} limit', `max by (pod) (redis_memory_max_bytes{${s}})`],
      ],
    },
    { title: 'Keys', unit: 'short', queries: [['{{pod}} {{db}}', `max by (pod, db) (redis_db_keys{${s}})`]] },
    {
      title: 'Hits and misses',
      unit: 'ops',
      queries: [
        ['{{pod}} hits', perSecond('redis_keyspace_hits_total', s)],
        ['{{pod}} misses', perSecond('redis_keyspace_misses_total', s)],
      ],
    },
    {
      title: 'Keys evicted and expired',
      unit: 'ops',
      queries: [
        ['{{pod}} evicted', perSecond('redis_evicted_keys_total', s)],
        ['{{pod}} expired', perSecond('redis_expired_keys_total', s)],
      ],
    },
    {
      title: 'Traffic',
      unit: 'Bps',
      queries: [
        ['{{pod}} in', perSecond('redis_net_input_bytes_total', s)],
        ['{{pod}} out', perSecond('redis_net_output_bytes_total', s)],
      ],
    },
    {
      title: 'Changes since the last snapshot',
      unit: 'short',
      queries: [['{{pod}}', `max by (pod) (redis_rdb_changes_since_last_save{${s}})`]],
    },
    {
      title: 'Connections refused',
      unit: 'ops',
      queries: [['{{pod}}', perSecond('redis_rejected_connections_total', s)]],
    },
  ],
};
