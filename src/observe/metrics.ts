/**
 * The operator's own metrics. Where controller-runtime or client-go has a name for a thing it is used, because dashboards
 * for it exist. Labels are bounded: no namespace, no object name, but for the few figures of each Database that there is. Label sets that are known start at 0, so that a rate
 * over the first event is not lost.
 */
import { Registry } from 'prom-client';
import { renderDatabases, type KnownObjects } from './database-metrics.ts';
import { controllerMetrics, type ControllerMetrics } from './controller-metrics.ts';
import { topologyMetrics, type TopologyMetrics } from './topology-metrics.ts';
import { latencyBuckets, metricFactory, type MetricFactory } from './metric-factory.ts';
import {
  certificateMetrics,
  webhookMetrics,
  type CertificateMetrics,
  type KnownLabels,
  type WebhookMetrics,
} from './webhook-metrics.ts';

export interface Metrics {
  readonly contentType: string;
  /** The exposition text. */
  render(): Promise<string>;
  readonly webhook: WebhookMetrics;
  readonly certificates: CertificateMetrics;
  readonly controller: ControllerMetrics;
  readonly topology: TopologyMetrics;
  restRequest(request: { verb: string; code: number | string; host: string; seconds: number }): void;
  leader(name: string, leading: boolean): void;
  /** From now on figures of each of these Databases are shown. */
  showDatabases(known: () => KnownObjects): void;
}

export interface MetricsOptions extends KnownLabels {
  readonly version: string;
  readonly controllers?: readonly string[];
  /** Bytes of resident memory; process.memoryUsage.rss when absent. */
  readonly residentBytes?: () => number;
}

export function createMetrics(options: MetricsOptions): Metrics {
  const registry = new Registry();
  const make = metricFactory(registry);
  const rest = make.counter('rest_client_requests_total', 'Requests to the API server.', ['code', 'method', 'host']);
  const restSeconds = make.histogram(
    'rest_client_request_duration_seconds',
    'How long the API server took to answer.',
    ['verb'],
    latencyBuckets,
  );
  const leader = make.gauge('leader_election_master_status', '1 while this process leads.', ['name']);
  make
    .gauge('database_operator_build_info', 'Version of the operator.', ['version'])
    .set({ version: options.version }, 1);
  processGauges(make, options.residentBytes ?? (() => process.memoryUsage.rss()));
  let known: (() => KnownObjects) | undefined;
  return {
    contentType: registry.contentType,
    render: async () => `${await registry.metrics()}${known === undefined ? '' : renderDatabases(known())}`,
    showDatabases: (objects) => void (known = objects),
    webhook: webhookMetrics(make, options),
    certificates: certificateMetrics(make),
    controller: controllerMetrics(make, options.controllers ?? []),
    topology: topologyMetrics(make),
    restRequest: ({ verb, code, host, seconds }) => {
      rest.inc({ code: String(code), method: verb, host });
      restSeconds.observe({ verb }, seconds);
    },
    leader: (name, leading) => leader.set({ name }, leading ? 1 : 0),
  };
}

// Two figures instead of prom-client's default set, whose garbage-collection observer costs time on every collection.
function processGauges(make: MetricFactory, residentBytes: () => number): void {
  make.gauge('process_resident_memory_bytes', 'Resident memory of the operator.', [], residentBytes);
  make.gauge('process_start_time_seconds', 'When the operator started, seconds since the epoch.', [], () =>
    Math.round(performance.timeOrigin / 1000),
  );
}
