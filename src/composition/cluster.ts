/** The way to the API server. Imported only when there is one: its connection pool costs memory. */
import type { Config } from '../config.ts';
import type { Metrics } from '../observe/metrics.ts';
import type { Clock } from '../values/clock.ts';
import type { Cluster } from './kit.ts';

/** Without controllers a cluster is used only where it was asked for, or where the process runs in one. */
export async function findCluster(
  config: Config,
  { clock, metrics, version }: { clock: Clock; metrics: Metrics; version: string },
): Promise<Cluster | undefined> {
  const { clusterEnvironment, kubeconfig, controllers } = config;
  const inPod = clusterEnvironment['KUBERNETES_SERVICE_HOST'] !== undefined;
  if (!controllers && kubeconfig === undefined && !inPod) return undefined;
  const { loadConnection } = await import('../kubernetes/config.ts');
  const connection = await loadConnection({
    clock,
    env: clusterEnvironment,
    ...(kubeconfig !== undefined && { kubeconfig }),
  });
  if (connection === undefined) {
    if (!controllers) return undefined;
    throw new Error('no cluster found: give --kubeconfig or KUBECONFIG, or --controllers=false for admission alone');
  }
  const { createHttpClient } = await import('../kubernetes/http-client.ts');
  const { withRetries } = await import('../kubernetes/retry.ts');
  const host = new URL(connection.server).host;
  const http = createHttpClient({
    connection,
    clock,
    userAgent: `database-operator/${version}`,
    onRequest: ({ verb, code, seconds }) => metrics.restRequest({ verb, code, seconds, host }),
  });
  const namespace = config.namespace ?? connection.namespace ?? 'database-system';
  return { client: withRetries(http, { clock, random: Math.random }), once: http, connection, namespace };
}
