/** `<name>-monitor`: Prometheus scrapes every member through the headless Service. */
import type { KubernetesObject } from '../api/object.ts';
import { ServiceMonitor } from '../api/resources.ts';
import { child, type Input } from './context.ts';
import { monitorName, nameLabel, serviceLabel } from './names.ts';
import { metricsPort } from './services.ts';

export function serviceMonitor(input: Input): KubernetesObject {
  const { name } = input.database.metadata;
  const spec = {
    selector: { matchLabels: { [nameLabel]: name, [serviceLabel]: 'headless' } },
    endpoints: [
      { port: metricsPort, path: '/metrics', interval: input.database.spec.monitoring?.scrapeInterval ?? '30s' },
    ],
  };
  return child(input, ServiceMonitor, monitorName(name), { spec });
}
