/** Grafana's dashboard of one Database: what all engines have in common, then what is the engine's own. */
import type { Database } from '../api/types.generated.ts';
import type { Engine } from '../engines/engine.ts';
import type { EngineQueries, Panel } from '../engines/queries.ts';
import { selectorFor } from './alerts.ts';
import { stableHash } from './hash.ts';

export function panelsOf(database: Database, queries: EngineQueries): readonly Panel[] {
  const s = selectorFor(database);
  const { name, namespace = 'default' } = database.metadata;
  const claims = `namespace="${namespace}",persistentvolumeclaim=~"data-${name}-[0-9]+"`;
  const known = `database_namespace="${namespace}",database="${name}"`;
  return [
    { title: 'Servers that answer', unit: 'short', queries: [['{{pod}}', queries.up(s)]] },
    { title: 'Servers that take writes', unit: 'short', queries: [['{{pod}}', queries.writable(s)]] },
    {
      title: 'Connections',
      unit: 'short',
      queries: [
        ['{{pod}}', queries.connections(s)],
        ['{{pod}} limit', queries.mostConnections(s)],
      ],
    },
    { title: 'Replication lag', unit: 's', queries: [['{{pod}}', queries.lag(s)]] },
    {
      title: 'Volumes in use',
      unit: 'bytes',
      queries: [
        ['{{persistentvolumeclaim}}', `max by (persistentvolumeclaim) (kubelet_volume_stats_used_bytes{${claims}})`],
        ...(queries.dataBytes ? [['{{pod}} data', queries.dataBytes(s)] as const] : []),
      ],
    },
    { title: 'Starts within an hour', unit: 'short', queries: [['{{pod}}', queries.starts(s, '1h')]] },
    ...queries.panels(s),
    {
      title: 'Time since the last good backup and the last proof',
      unit: 's',
      queries: ['backup', 'proof'].map((what) => [
        what,
        `time() - max(database_operator_database_last_${what}_timestamp_seconds{${known}})`,
      ]),
    },
  ];
}

const datasource = { type: 'prometheus', uid: '$datasource' };

/** JSON text; the same bytes for the same Database. */
export function dashboardJson(database: Database, engine: Engine, queries: EngineQueries): string {
  const { name, namespace = 'default' } = database.metadata;
  const panels = panelsOf(database, queries);
  return `${JSON.stringify({
    title: `${engine.title} ${namespace}/${name}`,
    uid: `db-${stableHash(`${namespace}/${name}`)}`,
    tags: ['database-operator', engine.name],
    schemaVersion: 39,
    refresh: '1m',
    time: { from: 'now-6h', to: 'now' },
    templating: { list: [{ name: 'datasource', type: 'datasource', query: 'prometheus', hide: 0, refresh: 1 }] },
    panels: panels.map((panel, index) => drawn(panel, index)),
  })}\n`;
}

/** Two in a row. */
function drawn({ title, unit, queries }: Panel, index: number): Readonly<Record<string, unknown>> {
  return {
    id: index + 1,
    title,
    type: 'timeseries',
    datasource,
    gridPos: { x: (index % 2) * 12, y: Math.floor(index / 2) * 8, w: 12, h: 8 },
    fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
    targets: queries.map(([legendFormat, expr], order) => ({
      refId: 'ABCDEFGH'[order],
      datasource,
      expr,
      legendFormat,
    })),
  };
}
