/** The servers of a control plane: their order, when each is ready, and how they end. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { CertificateAndKey } from './certificates.ts';
import { apiServerCommand, controllerManagerCommand, etcdCommand, type ServerSetup } from './commands.ts';
import { renderKubeconfig } from './kubeconfig.ts';
import { etcdHealthy, statusOf } from './probes.ts';
import { silent } from './progress.ts';
import { freePort, startServer, untilReady, type ServerProcess } from './process.ts';

export interface Servers {
  readonly url: string;
  readonly kubeconfig: string;
  readonly stopApiServer: () => Promise<void>;
  readonly startApiServer: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

const startTimeoutMs = 60_000;

/** Starts all; when one fails the others are ended before the error goes on. */
export async function startServers(setup: ServerSetup): Promise<Servers> {
  const running: ServerProcess[] = [];
  const stop = async (): Promise<void> => {
    // The last first, so that none sees its server vanish and fills its log.
    for (const server of running.splice(0).reverse()) await server.kill();
  };
  try {
    return { ...(await startInOrder(setup, running)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startInOrder(setup: ServerSetup, running: ServerProcess[]): Promise<Omit<Servers, 'stop'>> {
  const { authority, options } = setup;
  const progress = options.progress ?? silent;
  const admin = await authority.client('control-plane-admin', 'system:masters');

  progress.status('starting etcd');
  const etcd = await onFreePort((port) => startEtcd(setup, port, running));

  progress.status('starting kube-apiserver');
  const launch = (port: number): Promise<ServerProcess> => startApiServer(setup, { etcd, port, admin, running });
  let apiServer: ServerProcess | undefined;
  const port = await onFreePort(async (candidate) => {
    apiServer = await launch(candidate);
    return candidate;
  });
  const url = `https://127.0.0.1:${port}`;
  const kubeconfig = path.join(setup.dir, 'kubeconfig');
  await writeFile(kubeconfig, renderKubeconfig(url, authority.certificate, admin), { mode: 0o600 });

  if (options.controllerManager ?? true) {
    progress.status('starting kube-controller-manager');
    const manager = startServer(controllerManagerCommand(setup, kubeconfig));
    running.push(manager);
    // Its controllers have begun when the first namespace has its ServiceAccount; without that no pod can be made.
    const account = `${url}/api/v1/namespaces/default/serviceaccounts/default`;
    await untilReady(
      manager,
      startTimeoutMs,
      async () => (await statusOf(account, authority.certificate, admin)) === 200,
    );
  }
  return {
    url,
    kubeconfig,
    stopApiServer: async () => apiServer?.kill(),
    startApiServer: async () => {
      if (apiServer?.running !== true) apiServer = await launch(port);
    },
  };
}

async function startEtcd(setup: ServerSetup, port: number, running: ServerProcess[]): Promise<string> {
  const url = `http://127.0.0.1:${port}`;
  const server = startServer(etcdCommand(setup, url));
  running.push(server);
  await untilReady(server, startTimeoutMs, () => etcdHealthy(`${url}/health`));
  return url;
}

async function startApiServer(
  setup: ServerSetup,
  at: { etcd: string; port: number; admin: CertificateAndKey; running: ServerProcess[] },
): Promise<ServerProcess> {
  const server = startServer(await apiServerCommand(setup, at.etcd, at.port));
  at.running.push(server);
  const readyz = `https://127.0.0.1:${at.port}/readyz`;
  const { certificate } = setup.authority;
  await untilReady(server, startTimeoutMs, async () => (await statusOf(readyz, certificate, at.admin)) === 200);
  return server;
}

/** Another process may take the port between finding and binding it: then once more with another. */
async function onFreePort<T>(start: (port: number) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start(await freePort());
    } catch (error) {
      if (attempt === 3 || !(error instanceof Error) || !error.message.includes('address already in use')) throw error;
    }
  }
}
