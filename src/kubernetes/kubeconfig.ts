/** A connection from the current context of kubeconfig files. */
import { readFile } from 'node:fs/promises';
import type { Clock } from '../values/clock.ts';
import type { Connection, Credentials } from './connection.ts';
import { selectContext, type Selected, type User } from './kubeconfig-file.ts';
import { rereading } from './rereading.ts';

const pem = async (data: string | undefined, path: string | undefined): Promise<string | undefined> => {
  if (data !== undefined && data !== '') return Buffer.from(data, 'base64').toString('utf8');
  return path === undefined || path === '' ? undefined : readFile(path, 'utf8');
};

async function authorizationOf(user: User): Promise<string | undefined> {
  if (user.tokenFile !== undefined && user.tokenFile !== '') {
    return `Bearer ${(await readFile(user.tokenFile, 'utf8')).trim()}`;
  }
  if (user.token !== undefined && user.token !== '') return `Bearer ${user.token}`;
  if (user.username === undefined || user.username === '') return undefined;
  return `Basic ${Buffer.from(`${user.username}:${user.password ?? ''}`).toString('base64')}`;
}

async function readCredentials({ cluster, user }: Selected): Promise<Credentials> {
  const [ca, cert, key, authorization] = await Promise.all([
    pem(cluster['certificate-authority-data'], cluster['certificate-authority']),
    pem(user['client-certificate-data'], user['client-certificate']),
    pem(user['client-key-data'], user['client-key']),
    authorizationOf(user),
  ]);
  return {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(cluster['tls-server-name'] !== undefined && { servername: cluster['tls-server-name'] }),
    ...(cluster['insecure-skip-tls-verify'] === true && { insecure: true }),
    ...(authorization !== undefined && { authorization }),
    ...(user.as !== undefined && { headers: { 'Impersonate-User': user.as } }),
  };
}

/** Files are read again once a minute, so rotated certificates and tokens are picked up. */
export async function loadKubeconfig(options: {
  readonly paths: readonly string[];
  readonly context?: string;
  readonly clock: Clock;
}): Promise<Connection> {
  const selected = await selectContext(options.paths, options.context);
  const { cluster, user, context, name } = selected;
  const needsPlugin = user.exec !== undefined || user['auth-provider'] !== undefined;
  const read = needsPlugin
    ? await import('./auth-plugin.ts').then(({ pluginCredentials }) => pluginCredentials(selected))
    : () => readCredentials(selected);
  return {
    server: (cluster.server ?? '').replace(/\/$/, ''),
    namespace: context.namespace,
    source: `${options.paths.join(', ')} (context ${name})`,
    ...(cluster['proxy-url'] !== undefined && { proxyUrl: cluster['proxy-url'] }),
    credentials: rereading(options.clock, read),
  };
}
