/** Of prometheus' mysqld_exporter. From 8.4 on MySQL has other words for replication, and so have its metrics. */
import { perSecond, type EngineQueries } from '../queries.ts';

const named = (pattern: string, s: string): string => `{__name__=~"mysql_slave_status_${pattern}",${s}}`;

export const queries: EngineQueries = {
  up: (s) => `max by (pod) (mysql_up{${s}})`,
  writable: (s) => `max by (pod) (mysql_global_variables_read_only{${s}} == bool 0)`,
  lag: (s) => `max by (pod) (${named('seconds_behind_(master|source)', s)})`,
  broken: (s) => `min by (pod) (${named('(slave|replica)_(io|sql)_running', s)}) == 0`,
  connections: (s) => `max by (pod) (mysql_global_status_threads_connected{${s}})`,
  mostConnections: (s) => `max by (pod) (mysql_global_variables_max_connections{${s}})`,
  starts: (s, within) => `max by (pod) (resets(mysql_global_status_uptime{${s}}[${within}]))`,
  panels: (s) => [
    { title: 'Queries', unit: 'ops', queries: [['{{pod}}', perSecond('mysql_global_status_queries', s)]] },
    {
      title: 'Commands',
      unit: 'ops',
      queries: [
        ['{{pod}} {{command}}', `topk(10, ${perSecond('mysql_global_status_commands_total', s, 'pod, command')})`],
      ],
    },
    {
      title: 'Slow queries',
      unit: 'ops',
      queries: [['{{pod}}', perSecond('mysql_global_status_slow_queries', s)]],
    },
    {
      title: 'Pages found in the buffer pool',
      unit: 'percentunit',
      queries: [
        [
          '{{pod}}',
          `clamp_min(1 - ${perSecond('mysql_global_status_innodb_buffer_pool_reads', s)} / ${perSecond('mysql_global_status_innodb_buffer_pool_read_requests', s)}, 0)`,
        ],
      ],
    },
    {
      title: 'Rows read and written',
      unit: 'ops',
      queries: [
        ['{{pod}} {{handler}}', `topk(10, ${perSecond('mysql_global_status_handlers_total', s, 'pod, handler')})`],
      ],
    },
    {
      title: 'Waits for row locks',
      unit: 'ops',
      queries: [['{{pod}}', perSecond('mysql_global_status_innodb_row_lock_waits', s)]],
    },
    {
      title: 'Traffic',
      unit: 'Bps',
      queries: [
        ['{{pod}} in', perSecond('mysql_global_status_bytes_received', s)],
        ['{{pod}} out', perSecond('mysql_global_status_bytes_sent', s)],
      ],
    },
    {
      title: 'Threads running',
      unit: 'short',
      queries: [['{{pod}}', `max by (pod) (mysql_global_status_threads_running{${s}})`]],
    },
  ],
};
