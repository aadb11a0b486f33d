/** Exec plugins, OIDC and cloud providers, by client-node. Imported only when a kubeconfig asks for one of them. */
import type { RequestOptions } from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';
import type { Credentials } from './connection.ts';
import type { Selected } from './kubeconfig-file.ts';

const text = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : Buffer.isBuffer(value) ? value.toString('utf8') : undefined;

function configOf(selected: Selected): KubeConfig {
  const config = new KubeConfig();
  config.loadFromString(
    JSON.stringify({
      clusters: [{ name: 'cluster', cluster: selected.cluster }],
      users: [{ name: 'user', user: selected.user }],
      contexts: [{ name: 'context', context: { cluster: 'cluster', user: 'user' } }],
      'current-context': 'context',
    }),
  );
  return config;
}

/** The plugin's token is cached by client-node until it expires; `fresh` starts over and runs the plugin again. */
export function pluginCredentials(selected: Selected): (fresh: boolean) => Promise<Credentials> {
  let config = configOf(selected);
  return async (fresh) => {
    if (fresh) config = configOf(selected);
    const options: RequestOptions = {};
    await config.applyToHTTPSOptions(options);
    const { Authorization: authorization, ...headers } = (options.headers ?? {}) as Record<string, string>;
    const [ca, cert, key] = [text(options.ca), text(options.cert), text(options.key)];
    return {
      ...(ca !== undefined && { ca }),
      ...(cert !== undefined && { cert }),
      ...(key !== undefined && { key }),
      ...(options.servername !== undefined && { servername: options.servername }),
      ...(options.rejectUnauthorized === false && { insecure: true }),
      ...(authorization !== undefined && { authorization }),
      headers,
    };
  };
}
