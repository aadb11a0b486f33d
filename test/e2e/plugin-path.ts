/** kubectl with our plugin beside it, as a person has it. */
import { chmod, copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { repository, run, type Cluster, type Output } from './cluster.ts';

export interface PluginPath {
  /** A test may put its files there. */
  readonly folder: string;
  /** A copy of the cluster's: a test may change it. */
  readonly kubeconfig: string;
  /** `NAME=value` for `env`. */
  readonly environment: readonly string[];
  /** A non-zero exit is a value. */
  kubectl(args: readonly string[], input?: string): Promise<Output>;
  remove(): Promise<void>;
}

export async function pluginPath(cluster: Cluster): Promise<PluginPath> {
  const folder = await mkdtemp(path.join(tmpdir(), 'kubectl-database-'));
  for (const name of ['kubectl-database', 'kubectl_complete-database']) {
    const file = path.join(folder, name);
    await writeFile(file, `#!/bin/sh\nexec ${process.execPath} ${path.join(repository, 'src', `${name}.ts`)} "$@"\n`);
    await chmod(file, 0o755);
  }
  const kubeconfig = path.join(folder, 'kubeconfig');
  await copyFile(cluster.kubeconfig, kubeconfig);
  const environment = [
    `PATH=${folder}:${path.dirname(cluster.kubectlBinary)}:${process.env['PATH'] ?? ''}`,
    `KUBECONFIG=${kubeconfig}`,
  ];
  return {
    folder,
    kubeconfig,
    environment,
    kubectl: (args, input) =>
      run('env', [...environment, 'kubectl', ...args], { timeoutMs: 300_000, ...(input !== undefined && { input }) }),
    remove: () => rm(folder, { recursive: true }),
  };
}
