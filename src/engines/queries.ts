/**
 * What is asked of an engine's exporter, in PromQL: alerts (desired/alerts.ts) and dashboards (desired/dashboard.ts) are made
 * of these. `s` selects the Database, as in `namespace="shop",database="orders"`; every answer has the label `pod`.
 */

export interface Panel {
  readonly title: string;
  /** Grafana's name of a unit. */
  readonly unit: string;
  /** Grafana's legend, such as `{{pod}}`, and what is drawn. */
  readonly queries: readonly (readonly [legend: string, expression: string])[];
}

export interface EngineQueries {
  /** 1 while the server answers its exporter, else 0. */
  up(s: string): string;
  /** 1 for a server that says that it takes writes, else 0. */
  writable(s: string): string;
  /** Seconds that a replica is behind; nothing for a primary. */
  lag(s: string): string;
  /** Not empty for a replica that receives or applies nothing any more. */
  broken(s: string): string;
  connections(s: string): string;
  mostConnections(s: string): string;
  /** Bytes on the volume as far as the engine counts them; absent: it does not. */
  dataBytes?(s: string): string;
  /** How often the server started again within a time such as `30m`. */
  starts(s: string, within: string): string;
  /** What else is worth looking at. */
  panels(s: string): readonly Panel[];
}

/** Of what a server counts since its start: so much a second. */
export const perSecond = (metric: string, s: string, by = 'pod'): string =>
  `sum by (${by}) (rate(${metric}{${s}}[$__rate_interval]))`;
