/** The flags of `serve`: one row each, read by config.ts and shown by --help. */

export interface Flag {
  readonly name: FlagName;
  readonly kind: 'text' | 'list' | 'namespaces' | 'boolean' | 'number' | 'choice' | 'duration';
  readonly default?: string;
  /** Environment variable that is read when the flag is absent. */
  readonly env?: string;
  readonly help: string;
}

export type FlagName =
  | 'port'
  | 'ops-port'
  | 'ops-tls'
  | 'bind-address'
  | 'tls'
  | 'cert-dir'
  | 'tls-min-version'
  | 'webhook-host'
  | 'webhook-configuration'
  | 'controllers'
  | 'concurrency'
  | 'database-metrics'
  | 'agent-image'
  | 'watch-namespace'
  | 'leader-elect'
  | 'leader-election-name'
  | 'kubeconfig'
  | 'namespace'
  | 'log-level'
  | 'drain-quiet'
  | 'drain-timeout';

export const flags: readonly Flag[] = [
  { name: 'port', kind: 'number', default: '9443', help: 'port of the webhook' },
  { name: 'ops-port', kind: 'number', default: '8443', help: 'port of /metrics, /healthz and /readyz' },
  { name: 'ops-tls', kind: 'boolean', default: 'true', help: 'serve the operations port over TLS' },
  { name: 'bind-address', kind: 'text', default: '', help: 'address that both ports listen on; empty: all' },
  {
    name: 'tls',
    kind: 'choice',
    default: 'files',
    help: 'files: tls.crt and tls.key of --cert-dir, reloaded when they change; selfsigned: made, renewed and put into the webhook configurations by the operator',
  },
  {
    name: 'cert-dir',
    kind: 'text',
    help: 'folder of tls.crt and tls.key (default with files: /etc/database-operator/certs); with selfsigned the folder where they are kept instead of in a Secret',
  },
  { name: 'tls-min-version', kind: 'choice', default: '1.3', help: '1.2 or 1.3' },
  {
    name: 'webhook-host',
    kind: 'list',
    default: 'database-webhook.database-system.svc',
    help: 'names and addresses a self-signed certificate is for; several by comma',
  },
  {
    name: 'webhook-configuration',
    kind: 'text',
    default: 'database-webhook',
    help: 'name of the webhook configurations whose caBundle selfsigned keeps right',
  },
  {
    name: 'controllers',
    kind: 'boolean',
    default: 'true',
    help: 'run the reconcile loop; false: admission alone, no cluster needed',
  },
  { name: 'concurrency', kind: 'number', default: '4', help: 'objects reconciled at the same time, 1 to 64' },
  {
    name: 'database-metrics',
    kind: 'boolean',
    default: 'true',
    help: 'show figures of each Database on /metrics, about a dozen series for each',
  },
  {
    name: 'agent-image',
    kind: 'text',
    default: '',
    env: 'AGENT_IMAGE',
    help: 'image of the backup agent: the one that the operator itself runs from; empty: no backups are made',
  },
  {
    name: 'watch-namespace',
    kind: 'namespaces',
    default: '',
    env: 'WATCH_NAMESPACE',
    help: 'namespaces to reconcile, several by comma; empty: all',
  },
  {
    name: 'leader-elect',
    kind: 'boolean',
    default: 'false',
    help: 'reconcile only while holding a Lease; needed with several replicas',
  },
  { name: 'leader-election-name', kind: 'text', default: 'database-operator', help: 'name of that Lease' },
  {
    name: 'kubeconfig',
    kind: 'text',
    help: 'file that says where the cluster is (default: KUBECONFIG, the ServiceAccount of the pod, ~/.kube/config)',
  },
  {
    name: 'namespace',
    kind: 'text',
    env: 'POD_NAMESPACE',
    help: 'namespace of the operator itself, for its Lease and Secret (default: that of the connection)',
  },
  { name: 'log-level', kind: 'choice', default: 'info', env: 'LOG_LEVEL', help: 'debug, info, warn or error' },
  {
    name: 'drain-quiet',
    kind: 'duration',
    help: 'after SIGTERM: how long no request may have come before the webhook closes (default 15s in a pod, 1s elsewhere)',
  },
  { name: 'drain-timeout', kind: 'duration', default: '45s', help: 'after SIGTERM: when waiting ends in any case' },
];

/** The table above for `serve --help`. */
export function flagHelp(): string {
  return flags
    .map(({ name, help, default: value, env }) => {
      const notes = [
        value === undefined || value === '' ? '' : `default ${value}`,
        env === undefined ? '' : `environment ${env}`,
      ];
      const note = notes.filter((text) => text !== '').join('; ');
      return `  --${name.padEnd(22)} ${help}${note === '' ? '' : ` (${note})`}`;
    })
    .join('\n');
}
