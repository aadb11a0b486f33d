/**
 * A control plane of one's own: etcd, kube-apiserver and, when asked for, kube-controller-manager on random ports of
 * 127.0.0.1, in a folder that is thrown away. There is no kubelet: pods stay Pending. It ends with the process that
 * started it, whatever ends that.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findBinaries } from './binaries.ts';
import { createAuthority, createTokenKeys, type Authority } from './certificates.ts';
import { renderKubeconfig, type Credentials } from './kubeconfig.ts';
import { parseAuditLog, type AuditEvent } from './audit.ts';
import type { ControlPlaneOptions } from './options.ts';
import { startServers } from './servers.ts';

export interface KubectlOutput {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ControlPlane {
  /** Path of a kubeconfig for the group `system:masters`. */
  readonly kubeconfig: string;
  /** `https://127.0.0.1:PORT` */
  readonly url: string;
  /** PEM of the CA that signed the API server's certificate. */
  readonly ca: string;
  /** Holds the logs (`apiserver.log`, `etcd.log`, `controller-manager.log`) until `stop`. */
  readonly dir: string;
  /** Path of kubectl. */
  readonly kubectlPath: string;
  /** Runs kubectl as administrator; a non-zero exit is a value, not an error. */
  kubectl(args: readonly string[], stdin?: string): Promise<KubectlOutput>;
  /** Path of a kubeconfig whose user is `user` in `group`, by client certificate; it has the rights that RBAC gives it. */
  kubeconfigFor(user: string, group?: string): Promise<string>;
  /** Path of a kubeconfig with a token of this ServiceAccount (which must exist), valid for a day. */
  serviceAccountKubeconfig(namespace: string, name: string): Promise<string>;
  /** Every request so far, oldest first; only with `auditLog`. */
  auditEvents(): Promise<readonly AuditEvent[]>;
  /** An outage: kills the API server, leaves etcd alone. */
  stopApiServer(): Promise<void>;
  /** Ends the outage: same address, same data; resolves when it is ready. */
  startApiServer(): Promise<void>;
  /** Ends everything and removes the folder. */
  stop(): Promise<void>;
}

export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const binaries = await findBinaries(options.progress === undefined ? {} : { progress: options.progress });
  const dir = await mkdtemp(path.join(options.dir ?? tmpdir(), 'control-plane-'));
  try {
    const authority = await writeCredentials(dir);
    const servers = await startServers({ dir, binaries, options, authority });
    options.progress?.line(`control plane ready at ${servers.url}`);
    const kubectl = (args: readonly string[], stdin = ''): Promise<KubectlOutput> =>
      runKubectl(binaries.kubectl, dir, ['--kubeconfig', servers.kubeconfig, ...args], stdin);
    return {
      ...servers,
      ca: authority.certificate,
      dir,
      kubectlPath: binaries.kubectl,
      kubectl,
      ...identities(dir, servers.url, authority, kubectl),
      auditEvents: async () => {
        if (options.auditLog !== true) throw new Error('start the control plane with auditLog: true');
        return parseAuditLog(await readFile(path.join(dir, 'audit.log'), 'utf8'));
      },
      stop: async () => {
        await servers.stop();
        await remove(dir);
      },
    };
  } catch (error) {
    await remove(dir);
    throw error;
  }
}

/** Kubeconfigs of others than the administrator, each a file in the control plane's folder. */
function identities(
  dir: string,
  url: string,
  authority: Authority,
  kubectl: ControlPlane['kubectl'],
): Pick<ControlPlane, 'kubeconfigFor' | 'serviceAccountKubeconfig'> {
  const write = async (name: string, credentials: Credentials): Promise<string> => {
    const file = path.join(dir, 'kubeconfigs', `${name.replaceAll(/[^A-Za-z0-9-]/g, '-')}.yaml`);
    await writeFile(file, renderKubeconfig(url, authority.certificate, credentials), { mode: 0o600 });
    return file;
  };
  return {
    kubeconfigFor: async (user, group) => write(`user-${user}`, await authority.client(user, group)),
    serviceAccountKubeconfig: async (namespace, name) => {
      const { code, stdout, stderr } = await kubectl(['create', 'token', name, '-n', namespace, '--duration=24h']);
      if (code !== 0) throw new Error(`no token for ServiceAccount ${namespace}/${name}: ${stderr}`);
      return write(`sa-${namespace}-${name}`, { token: stdout.trim() });
    },
  };
}

const remove = (dir: string): Promise<void> => rm(dir, { recursive: true, force: true, maxRetries: 5 });

async function writeCredentials(dir: string): Promise<Authority> {
  await mkdir(path.join(dir, 'kubeconfigs'));
  const authority = await createAuthority('control-plane-ca');
  const serving = await authority.serving(['localhost', '127.0.0.1', 'kubernetes.default.svc', '10.0.0.1']);
  const tokens = createTokenKeys();
  const files = {
    'ca.crt': authority.certificate,
    'apiserver.crt': serving.certificate,
    'apiserver.key': serving.key,
    'tokens.key': tokens.privateKey,
    'tokens.pub': tokens.publicKey,
  };
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(dir, name), text, { mode: 0o600 });
  return authority;
}

function runKubectl(binary: string, dir: string, args: readonly string[], stdin: string): Promise<KubectlOutput> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      binary,
      ['--cache-dir', path.join(dir, 'kubectl-cache'), ...args],
      { maxBuffer: 64 << 20, timeout: 120_000, env: { PATH: process.env['PATH'] ?? '', HOME: dir } },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : error.code;
        if (typeof code === 'number') resolve({ code, stdout, stderr });
        else reject(new Error(`kubectl ${args.join(' ')}: ${error?.message ?? ''}\n${stderr}`, { cause: error }));
      },
    );
    // kubectl may end without reading all of it.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(stdin);
  });
}
