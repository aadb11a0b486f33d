/** Grafana's dashboard of the operator itself. */

interface Panel {
  readonly title: string;
  readonly unit: string;
  readonly queries: readonly (readonly [legend: string, expression: string])[];
}

const latency = (name: string, by: string): string =>
  `histogram_quantile(0.99, sum by (le, ${by}) (rate(${name}_bucket{job=~"$job"}[$__rate_interval])))`;
const rate = (name: string, by: string): string => `sum by (${by}) (rate(${name}{job=~"$job"}[$__rate_interval]))`;

export const panels: readonly Panel[] = [
  {
    title: 'Admission decisions',
    unit: 'reqps',
    queries: [
      [
        '{{operation}} {{resource}} allowed={{allowed}}',
        rate('database_operator_admission_decisions_total', 'operation, resource, allowed'),
      ],
    ],
  },
  {
    title: 'Admission latency, 99th percentile',
    unit: 's',
    queries: [['{{webhook}}', latency('controller_runtime_webhook_latency_seconds', 'webhook')]],
  },
  {
    title: 'Findings by rule',
    unit: 'reqps',
    queries: [['{{rule}}', `topk(10, ${rate('database_operator_admission_findings_total', 'rule')})`]],
  },
  {
    title: 'Passes of the loop',
    unit: 'ops',
    queries: [['{{controller}} {{result}}', rate('controller_runtime_reconcile_total', 'controller, result')]],
  },
  {
    title: 'Time of a pass, 99th percentile',
    unit: 's',
    queries: [['{{controller}}', latency('controller_runtime_reconcile_time_seconds', 'controller')]],
  },
  { title: 'Queue', unit: 'short', queries: [['{{name}}', 'max by (name) (workqueue_depth{job=~"$job"})']] },
  {
    title: 'Requests to the API server',
    unit: 'reqps',
    queries: [['{{method}} {{code}}', rate('rest_client_requests_total', 'method, code')]],
  },
  { title: 'Memory', unit: 'bytes', queries: [['{{pod}}', 'process_resident_memory_bytes{job=~"$job"}']] },
  {
    title: 'Life left of the certificate',
    unit: 's',
    queries: [['{{pod}}', 'webhook_cert_not_after_seconds{job=~"$job"} - time()']],
  },
  {
    title: 'Steps taken',
    unit: 'ops',
    queries: [['{{controller}} {{action}}', rate('database_operator_steps_total', 'controller, action')]],
  },
  {
    title: 'Changes of the primary',
    unit: 'ops',
    queries: [
      ['{{engine}} failovers', rate('database_operator_failovers_total', 'engine')],
      ['{{engine}} switchovers', rate('database_operator_switchovers_total', 'engine')],
    ],
  },
  {
    title: 'Regular backups',
    unit: 'ops',
    queries: [['{{result}}', rate('database_operator_backups_total', 'result')]],
  },
  {
    title: 'Databases by phase',
    unit: 'short',
    queries: [
      [
        '{{phase}}',
        'count by (phase) (max by (database_namespace, database, phase) (database_operator_database_phase{job=~"$job"}))',
      ],
    ],
  },
  { title: 'Leader', unit: 'short', queries: [['{{pod}}', 'leader_election_master_status{job=~"$job"}']] },
];

const datasource = { type: 'prometheus', uid: '$datasource' };

/** JSON text. */
export function dashboard(): string {
  const variable = (name: string, type: string, query: string): object => ({ name, type, query, hide: 0, refresh: 1 });
  const board = {
    title: 'Database operator',
    uid: 'database-operator',
    tags: ['database-operator'],
    schemaVersion: 39,
    refresh: '1m',
    time: { from: 'now-6h', to: 'now' },
    templating: {
      list: [
        variable('datasource', 'datasource', 'prometheus'),
        {
          ...variable('job', 'query', 'label_values(database_operator_build_info, job)'),
          datasource,
          multi: true,
          includeAll: true,
        },
      ],
    },
    panels: panels.map(({ title, unit, queries }, index) => ({
      id: index + 1,
      title,
      type: 'timeseries',
      datasource,
      gridPos: { x: (index % 2) * 12, y: Math.floor(index / 2) * 8, w: 12, h: 8 },
      fieldConfig: { defaults: { unit }, overrides: [] },
      targets: queries.map(([legendFormat, expr], order) => ({
        refId: 'ABCDEF'[order],
        datasource,
        expr,
        legendFormat,
      })),
    })),
  };
  return `${JSON.stringify(board, null, 2)}\n`;
}
