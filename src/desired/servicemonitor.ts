/**
 * `<name>-monitor`: what Prometheus scrapes. Every sample carries `namespace`, `database` and `pod` of the member, wherever
 * its exporter runs: alerts and dashboards ask by these.
 */
import type { KubernetesObject } from '../api/object.ts';
import { ServiceMonitor } from '../api/resources.ts';
import { child, type Input } from './context.ts';
import { monitorName, nameLabel, serviceLabel } from './names.ts';
import { metricsPort } from './services.ts';

export const defaultInterval = '30s';

/** Gives a sample the label `targetLabel`. */
export const relabelled = (targetLabel: string, replacement: string): Readonly<Record<string, string>> => ({
  targetLabel,
  replacement,
});

/** Of spec.monitoring: an exporter stands beside every member, found through the headless Service. */
export function serviceMonitor(input: Input): KubernetesObject {
  const { name } = input.database.metadata;
  const spec = {
    selector: { matchLabels: { [nameLabel]: name, [serviceLabel]: 'headless' } },
    endpoints: [
      {
        port: metricsPort,
        path: '/metrics',
        interval: input.database.spec.monitoring?.scrapeInterval ?? defaultInterval,
        relabelings: [relabelled('database', name)],
      },
    ],
  };
  return child(input, ServiceMonitor, monitorName(name), { spec });
}
