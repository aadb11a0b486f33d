/** The flags of the three servers. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { auditPolicy } from './audit.ts';
import type { Binaries } from './pins.ts';
import type { Authority } from './certificates.ts';
import type { ServerCommand } from './process.ts';
import type { ControlPlaneOptions } from './options.ts';

export interface ServerSetup {
  readonly dir: string;
  readonly binaries: Binaries;
  readonly options: ControlPlaneOptions;
  readonly authority: Authority;
}

export function etcdCommand({ dir, binaries }: ServerSetup, url: string): ServerCommand {
  return {
    name: 'etcd',
    binary: binaries.etcd,
    args: [
      `--data-dir=${path.join(dir, 'etcd')}`,
      `--listen-client-urls=${url}`,
      `--advertise-client-urls=${url}`,
      '--listen-peer-urls=http://127.0.0.1:0',
      '--unsafe-no-fsync',
      // The default of 2 GiB is full with ten thousand Databases.
      '--quota-backend-bytes=8589934592',
      '--log-level=warn',
    ],
    logFile: path.join(dir, 'etcd.log'),
    removeWhenOrphaned: dir,
  };
}

export async function apiServerCommand(
  { dir, binaries, options }: ServerSetup,
  etcd: string,
  port: number,
): Promise<ServerCommand> {
  const file = (name: string): string => path.join(dir, name);
  const args = [
    `--etcd-servers=${etcd}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    // A loopback address is no valid endpoint of the Service `kubernetes`.
    '--endpoint-reconciler-type=none',
    `--secure-port=${port}`,
    `--client-ca-file=${file('ca.crt')}`,
    `--tls-cert-file=${file('apiserver.crt')}`,
    `--tls-private-key-file=${file('apiserver.key')}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${file('tokens.pub')}`,
    `--service-account-signing-key-file=${file('tokens.key')}`,
    '--service-cluster-ip-range=10.0.0.0/16',
    '--authorization-mode=Node,RBAC',
    '--allow-privileged=true',
  ];
  // Without the controller no namespace gets its ServiceAccount `default`, and no pod could be made.
  if (options.controllerManager === false) args.push('--disable-admission-plugins=ServiceAccount');
  if (options.auditLog === true) {
    await writeFile(file('audit-policy.yaml'), JSON.stringify(auditPolicy));
    args.push(`--audit-policy-file=${file('audit-policy.yaml')}`, `--audit-log-path=${file('audit.log')}`);
  }
  const gates = Object.entries(options.featureGates ?? {}).map(([name, on]) => `${name}=${on}`);
  if (gates.length > 0) args.push(`--feature-gates=${gates.join(',')}`);
  args.push(...(options.apiServerArgs ?? []));
  return { name: 'kube-apiserver', binary: binaries['kube-apiserver'], args, logFile: file('apiserver.log') };
}

export function controllerManagerCommand({ dir, binaries }: ServerSetup, kubeconfig: string): ServerCommand {
  return {
    name: 'kube-controller-manager',
    binary: binaries['kube-controller-manager'],
    args: [
      `--kubeconfig=${kubeconfig}`,
      `--root-ca-file=${path.join(dir, 'ca.crt')}`,
      `--service-account-private-key-file=${path.join(dir, 'tokens.key')}`,
      '--use-service-account-credentials=true',
      '--leader-elect=false',
      '--secure-port=0',
      // The default of 20 a second makes the start take five.
      '--kube-api-qps=300',
      '--kube-api-burst=500',
    ],
    logFile: path.join(dir, 'controller-manager.log'),
  };
}
