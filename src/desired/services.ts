/** Four Services: `<name>` and `<name>-primary` for writing, `<name>-readonly` for reading, `<name>-headless` for members. */
import type { KubernetesObject } from '../api/object.ts';
import { Service } from '../api/resources.ts';
import { child, type Input } from './context.ts';
import { selectorOf } from './labels.ts';
import { headlessService, primaryService, readonlyService, roleLabel, serviceLabel } from './names.ts';

export const metricsPort = 'metrics';

export function services(input: Input): KubernetesObject[] {
  const { name } = input.database.metadata;
  return [
    headless(input),
    routed(input, name, 'default', 'primary'),
    routed(input, primaryService(name), 'primary', 'primary'),
    routed(input, readonlyService(name), 'readonly', 'replica'),
  ];
}

const databasePort = ({ engine }: Input): Readonly<Record<string, unknown>> => ({
  name: engine.name,
  port: engine.port,
  targetPort: engine.name,
  protocol: 'TCP',
});

function routed(input: Input, name: string, kind: string, role: string): KubernetesObject {
  const spec = {
    type: 'ClusterIP',
    // Who takes writes is proven before the label says so: a probe would only be later, and be wrong while it fails over.
    ...(role === 'primary' && { publishNotReadyAddresses: true }),
    selector: { ...selectorOf(input.database.metadata.name), [roleLabel]: role },
    ports: [databasePort(input)],
  };
  return child(input, Service, name, { spec }, { labels: { [serviceLabel]: kind } });
}

/** Members find each other here before they are ready; Prometheus finds every member here. */
function headless(input: Input): KubernetesObject {
  const { name } = input.database.metadata;
  const exporter =
    input.database.spec.monitoring?.enabled === true ? input.engine.runtime?.exporter(input.database) : undefined;
  const metrics = exporter && { name: metricsPort, port: exporter.port, targetPort: metricsPort, protocol: 'TCP' };
  const spec = {
    type: 'ClusterIP',
    clusterIP: 'None',
    publishNotReadyAddresses: true,
    selector: selectorOf(name),
    ports: [databasePort(input), ...(metrics ? [metrics] : [])],
  };
  return child(input, Service, headlessService(name), { spec }, { labels: { [serviceLabel]: 'headless' } });
}
