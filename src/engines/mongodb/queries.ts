/** Of Percona's mongodb_exporter, with the collectors diagnosticdata and replicasetstatus. */
import { perSecond, type EngineQueries } from '../queries.ts';

const mine = (metric: string, s: string): string => `max by (pod) (${metric}{${s},self="1"})`;

export const queries: EngineQueries = {
  up: (s) => `max by (pod) (mongodb_up{${s}})`,
  writable: (s) => `max by (pod) (mongodb_rs_myState{${s}} == bool 1)`,
  // Milliseconds; each member is compared with the furthest of all.
  lag: (s) =>
    `(scalar(max(mongodb_rs_members_optimeDate{${s}})) - ${mine('mongodb_rs_members_optimeDate', s)}) / 1000 and on (pod) (max by (pod) (mongodb_rs_myState{${s}}) == 2)`,
  // 1 is primary, 2 secondary; while it starts or copies data it is given time by the alert.
  broken: (s) => `(max by (pod) (mongodb_rs_myState{${s}}) != 1) and (max by (pod) (mongodb_rs_myState{${s}}) != 2)`,
  connections: (s) => `max by (pod) (mongodb_ss_connections{${s},conn_type="current"})`,
  mostConnections: (s) => `sum by (pod) (mongodb_ss_connections{${s},conn_type=~"current|available"})`,
  starts: (s, within) => `max by (pod) (resets(mongodb_ss_uptime{${s}}[${within}]))`,
  panels: (s) => [
    {
      title: 'Operations',
      unit: 'ops',
      queries: [['{{pod}} {{legacy_op_type}}', perSecond('mongodb_ss_opcounters', s, 'pod, legacy_op_type')]],
    },
    {
      title: 'Cache',
      unit: 'bytes',
      queries: [['{{pod}}', `max by (pod) (mongodb_ss_wt_cache_bytes_currently_in_the_cache{${s}})`]],
    },
    {
      title: 'Documents',
      unit: 'ops',
      queries: [['{{pod}} {{doc_op_type}}', perSecond('mongodb_ss_metrics_document', s, 'pod, doc_op_type')]],
    },
    {
      title: 'Traffic',
      unit: 'Bps',
      queries: [
        ['{{pod}} in', perSecond('mongodb_ss_network_bytesIn', s)],
        ['{{pod}} out', perSecond('mongodb_ss_network_bytesOut', s)],
      ],
    },
  ],
};
