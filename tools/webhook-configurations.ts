/** The webhook configurations pointed at a URL instead of the Service: for an operator run by hand. */
import { configurations } from './generate/webhook-configurations.ts';
import { toYaml } from './generate/yaml.ts';

/** YAML of both configurations with `clientConfig.url` under `base`, without a caBundle: `--tls=selfsigned` puts it in. */
export function webhookConfigurations(base: string): string {
  return toYaml(configurations({ name: 'database-webhook', clientConfig: (path) => ({ url: `${base}${path}` }) }));
}
