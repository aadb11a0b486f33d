/**
 * Where the API server is and how to speak to it. A ServiceAccount and a kubeconfig with certificates or tokens are read
 * here; `@kubernetes/client-node` is loaded only for exec plugins and OIDC, because its import alone takes more than half
 * of the memory that the operator may use (docs/adr/0002-thin-kubernetes-client.md).
 */
import { access, readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { Clock } from '../values/clock.ts';
import type { Connection } from './connection.ts';
import { loadKubeconfig } from './kubeconfig.ts';
import { rereading } from './rereading.ts';

export interface ConnectionOptions {
  readonly clock: Clock;
  /** `--kubeconfig`: goes before everything else. */
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** For tests: where the ServiceAccount is mounted. */
  readonly serviceAccountDirectory?: string;
}

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

function inCluster(options: ConnectionOptions, host: string, port: string, namespace: string): Connection {
  const directory = options.serviceAccountDirectory ?? SERVICE_ACCOUNT;
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    namespace: namespace.trim(),
    source: 'in-cluster',
    credentials: rereading(options.clock, async () => {
      const [token, ca] = await Promise.all([
        readFile(join(directory, 'token'), 'utf8'),
        readFile(join(directory, 'ca.crt'), 'utf8'),
      ]);
      return { ca, authorization: `Bearer ${token.trim()}` };
    }),
  };
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/**
 * `--kubeconfig`, then `KUBECONFIG`, then the pod's ServiceAccount, then `~/.kube/config`, as controller-runtime does it.
 * Undefined when there is none of them. Rejects when the one that was chosen can't be read or used.
 */
export async function loadConnection(options: ConnectionOptions): Promise<Connection | undefined> {
  const { env, clock, context } = options;
  const load = (paths: readonly string[]): Promise<Connection> =>
    loadKubeconfig({ paths, clock, ...(context !== undefined && { context }) });
  if (options.kubeconfig !== undefined && options.kubeconfig !== '') return load([options.kubeconfig]);
  const fromEnv = (env['KUBECONFIG'] ?? '').split(delimiter).filter((path) => path !== '');
  if (fromEnv.length > 0) return load(fromEnv);

  const host = env['KUBERNETES_SERVICE_HOST'];
  const directory = options.serviceAccountDirectory ?? SERVICE_ACCOUNT;
  if (host !== undefined && host !== '' && (await exists(join(directory, 'token')))) {
    const namespace = await readFile(join(directory, 'namespace'), 'utf8').catch(() => 'default');
    return inCluster(options, host, env['KUBERNETES_SERVICE_PORT'] ?? '443', namespace);
  }
  const home = env['HOME'];
  const usual = home === undefined || home === '' ? undefined : join(home, '.kube', 'config');
  return usual !== undefined && (await exists(usual)) ? load([usual]) : undefined;
}
