/**
 * What a DatabaseMonitor becomes. Exporters run beside the Database, so that its password stays in its namespace; what
 * Prometheus and Grafana read lies beside the DatabaseMonitor.
 */
import type { KubernetesObject, Resource } from '../api/object.ts';
import { apiVersion, ConfigMap, DatabaseMonitor as Monitors, Deployment } from '../api/resources.ts';
import { PrometheusRule, Service, ServiceMonitor } from '../api/resources.ts';
import type { Database, DatabaseMonitor } from '../api/types.generated.ts';
import type { Engine, EngineRuntime } from '../engines/engine.ts';
import { alerts } from './alerts.ts';
import type { DesiredObject } from './context.ts';
import { dashboardJson } from './dashboard.ts';
import { exporterService, exporters, exporterPortName } from './exporter.ts';
import {
  dashboardName,
  exporterLabel,
  exporterName,
  monitorName,
  ownerKindLabel,
  ownerNameLabel,
  ownerNamespaceLabel,
  podName,
} from './names.ts';
import { defaultInterval, relabelled } from './servicemonitor.ts';

export interface MonitorInput {
  readonly monitor: DatabaseMonitor;
  /** With its defaults. */
  readonly database: Database;
  readonly engine: Engine;
  /** DNS domain of the cluster; absent: `cluster.local`. */
  readonly clusterDomain?: string;
  /** End of the certificate in spec.tls of the Database, seconds since the epoch; absent: there is none, or it can't be read. */
  readonly certificateEnds?: number;
}

/** The parts of an object that differ. */
interface Parts {
  readonly name: string;
  readonly namespace: string | undefined;
  readonly labels?: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Pure and deterministic. Empty for an engine that has no runtime. */
export function monitorObjects(input: MonitorInput): readonly DesiredObject[] {
  const { monitor, database, engine } = input;
  const { runtime } = engine;
  if (runtime === undefined) return [];
  const { name } = monitor.metadata;
  const own = ownLabels(monitor);
  const here = { namespace: monitor.metadata.namespace, labels: own };
  const there = {
    name: exporterName(database.metadata.name),
    namespace: database.metadata.namespace,
    labels: { [exporterLabel]: database.metadata.name },
  };
  const make = (resource: Resource, parts: Parts, optional = false): DesiredObject => ({
    resource,
    object: framed(monitor, resource, parts),
    ownership: 'apply',
    ...(optional && { optional }),
  });
  return [
    make(Deployment, { ...there, body: { spec: exporters(input, runtime, labelsOf(monitor, there.labels)) } }),
    make(Service, { ...there, body: { spec: exporterService(database) } }),
    make(ServiceMonitor, { name: monitorName(name), ...here, body: { spec: scraped(input) } }, true),
    ...(monitor.spec.alerting === true
      ? [make(PrometheusRule, { name: monitorName(name), ...here, body: { spec: rules(input, runtime) } }, true)]
      : []),
    ...(monitor.spec.dashboard === false
      ? []
      : [
          make(ConfigMap, {
            name: dashboardName(name),
            namespace: monitor.metadata.namespace,
            labels: { ...own, grafana_dashboard: '1' },
            body: { data: { [`${dashboardName(name)}.json`]: dashboardJson(database, engine, runtime.queries) } },
          }),
        ]),
  ];
}

/**
 * Prometheus and Grafana choose by labels (`release: …`), so what is written on the DatabaseMonitor goes on; not what has a
 * prefix, because tools that manage the DatabaseMonitor would take these objects for theirs.
 */
const ownLabels = ({ metadata }: DatabaseMonitor): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(metadata.labels ?? {}).filter(([key]) => !key.includes('/')));

const labelsOf = (monitor: DatabaseMonitor, more: Readonly<Record<string, string>> = {}): Record<string, string> => ({
  ...more,
  'app.kubernetes.io/component': 'monitoring',
  'app.kubernetes.io/part-of': 'database-operator',
  'app.kubernetes.io/managed-by': 'database-operator',
  [ownerKindLabel]: Monitors.kind,
  [ownerNameLabel]: monitor.metadata.name,
  [ownerNamespaceLabel]: monitor.metadata.namespace ?? 'default',
});

/** An owner reference can't reach into another namespace: there the labels alone say whose it is. */
function framed(monitor: DatabaseMonitor, resource: Resource, parts: Parts): KubernetesObject {
  const { name, uid = '' } = monitor.metadata;
  const owner = { apiVersion: apiVersion(Monitors), kind: Monitors.kind, name, uid, controller: true };
  return {
    apiVersion: apiVersion(resource),
    kind: resource.kind,
    metadata: {
      name: parts.name,
      ...(parts.namespace !== undefined && { namespace: parts.namespace }),
      labels: labelsOf(monitor, parts.labels),
      ...(parts.namespace === monitor.metadata.namespace && { ownerReferences: [owner] }),
    },
    ...parts.body,
  };
}

/** A port for each member. `instance` would be the address of the exporters' pod, which changes. */
function scraped({ monitor, database }: MonitorInput): Readonly<Record<string, unknown>> {
  const { name, namespace = 'default' } = database.metadata;
  const interval = monitor.spec.scrapeInterval ?? defaultInterval;
  return {
    namespaceSelector: { matchNames: [namespace] },
    selector: { matchLabels: { [exporterLabel]: name } },
    endpoints: Array.from({ length: database.spec.replicas ?? 1 }, (_, ordinal) => ({
      port: exporterPortName(ordinal),
      path: '/metrics',
      interval,
      relabelings: [
        relabelled('database', name),
        relabelled('pod', podName(name, ordinal)),
        relabelled('instance', podName(name, ordinal)),
      ],
    })),
  };
}

const rules = (
  { monitor, database, certificateEnds }: MonitorInput,
  { queries }: EngineRuntime,
): Readonly<Record<string, unknown>> => ({
  groups: [
    alerts({
      database,
      queries,
      thresholds: monitor.spec.thresholds ?? {},
      ...(certificateEnds !== undefined && { certificateEnds }),
    }),
  ],
});
