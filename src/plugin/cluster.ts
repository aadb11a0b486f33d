/** The cluster that a command works on, as the flags and the kubeconfig say. */
import type { KubernetesObject, Resource } from '../api/object.ts';
import type { KubernetesClient, ListOptions } from '../kubernetes/client.ts';
import { loadConnection } from '../kubernetes/config.ts';
import { createHttpClient } from '../kubernetes/http-client.ts';
import { podLog, type LogOptions } from '../kubernetes/pod-log.ts';
import { createTransport } from '../kubernetes/transport.ts';
import { Told } from './told.ts';
import type { World } from './world.ts';

export interface Where {
  readonly namespace: string | undefined;
  readonly context: string | undefined;
  readonly kubeconfig: string | undefined;
}

export interface Cluster {
  readonly client: KubernetesClient;
  /** Its writes are judged and not stored; unknown fields are refused. */
  readonly dry: KubernetesClient;
  readonly namespace: string;
  /** So that kubectl works on the same. */
  readonly kubectlFlags: readonly string[];
  /** Lines of a container's log; `follow` until the container ends or the signal aborts. */
  log(options: LogOptions): AsyncIterable<string>;
  /** Warnings of the API server since the last call. */
  takeWarnings(): readonly string[];
  close(): void;
}

export const fieldManager = 'kubectl-database';

/** Rejects when no kubeconfig is found or it can't be used. */
export async function openCluster(where: Where, world: World): Promise<Cluster> {
  const { clock, env, signal } = world;
  const connection = await loadConnection({
    clock,
    env,
    ...(where.kubeconfig !== undefined && { kubeconfig: where.kubeconfig }),
    ...(where.context !== undefined && { context: where.context }),
  });
  if (connection === undefined) throw new Told('no cluster found: give --kubeconfig FILE, or set KUBECONFIG');
  let warnings: string[] = [];
  const userAgent = `kubectl-database/${await world.version()}`;
  const options = {
    connection,
    clock,
    userAgent,
    fieldManager,
    signal,
    onWarning: (text: string) => void warnings.push(text),
  };
  const client = createHttpClient(options);
  const dry = createHttpClient({ ...options, dryRun: true });
  const transport = createTransport(connection, clock);
  const namespace = where.namespace ?? connection.namespace ?? 'default';
  return {
    client,
    dry,
    namespace,
    kubectlFlags: [
      ...(where.kubeconfig === undefined ? [] : ['--kubeconfig', where.kubeconfig]),
      ...(where.context === undefined ? [] : ['--context', where.context]),
      '--namespace',
      namespace,
    ],
    log: (wanted) => podLog(transport, wanted, { userAgent, signal }),
    takeWarnings: () => {
      const taken = [...new Set(warnings)];
      warnings = [];
      return taken;
    },
    close: () => {
      client.close();
      dry.close();
      transport.close();
    },
  };
}

/** All of them. */
export const listAll = async (
  { client }: Pick<Cluster, 'client'>,
  resource: Resource,
  options: ListOptions,
): Promise<readonly KubernetesObject[]> => (await client.listPage(resource, options)).items;
