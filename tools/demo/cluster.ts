/** Where the demo runs: an embedded control plane, or a cluster that exists. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findBinaries } from '../control-plane/binaries.ts';
import type { Progress } from '../control-plane/progress.ts';
import { guardFolder } from '../control-plane/process.ts';
import { startControlPlane } from '../control-plane/start.ts';
import type { Cleanup } from './cleanup.ts';
import type { Output } from './step.ts';

export const repository = path.resolve(import.meta.dirname, '../..');
export const namespace = 'database-demo';

export interface DemoCluster {
  /** A kubeconfig of the demo's own whose default namespace is the demo's. */
  readonly kubeconfig: string;
  /** Folder of kubectl, when it is not on PATH. */
  readonly kubectlFolder: string | undefined;
  /** False in the embedded control plane: there, pods stay Pending. */
  readonly hasNodes: boolean;
  /** Ends with the demo, so nothing in it has to be removed. */
  readonly throwAway: boolean;
  /** For logs; removed at the end. */
  readonly folder: string;
  kubectl(args: readonly string[], stdin?: string): Promise<Output>;
  /** Like `kubectl`; an exit other than 0 is an error. */
  expect(args: readonly string[], stdin?: string): Promise<string>;
}

export async function connect(given: string | undefined, cleanup: Cleanup, progress: Progress): Promise<DemoCluster> {
  const folder = await mkdtemp(path.join(tmpdir(), 'database-operator-demo-'));
  const guard = guardFolder(folder);
  cleanup.add(folder, async () => {
    await guard.kill();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  const source = given === undefined ? await embedded(folder, cleanup, progress) : await existing(given, progress);
  const onPath = source.kubectl === 'kubectl';
  const kubeconfig = path.join(folder, 'kubeconfig');
  await copyKubeconfig(source, kubeconfig);
  const kubectl = (args: readonly string[], stdin?: string): Promise<Output> =>
    run(source.kubectl, args, { ...process.env, KUBECONFIG: kubeconfig }, stdin);
  const expect = expecting(kubectl);
  const nodes = await expect(['get', 'nodes', '-o', 'name']);
  return {
    kubeconfig,
    kubectlFolder: onPath ? undefined : path.dirname(source.kubectl),
    throwAway: given === undefined,
    hasNodes: nodes.trim() !== '',
    folder,
    kubectl,
    expect,
  };
}

interface Source {
  readonly kubeconfig: string;
  readonly kubectl: string;
}

async function embedded(folder: string, cleanup: Cleanup, progress: Progress): Promise<Source> {
  const plane = await startControlPlane({ dir: folder, progress });
  cleanup.add('the control plane', () => plane.stop());
  return { kubeconfig: plane.kubeconfig, kubectl: plane.kubectlPath };
}

async function existing(kubeconfig: string, progress: Progress): Promise<Source> {
  const found = await run('kubectl', ['version', '--client'], process.env).catch(() => undefined);
  const kubectl = found?.code === 0 ? 'kubectl' : (await findBinaries({ progress })).kubectl;
  return { kubeconfig: path.resolve(kubeconfig), kubectl };
}

/** The current context alone, with its files inlined, so that the person's own kubeconfig is never written to. */
async function copyKubeconfig(source: Source, target: string): Promise<void> {
  const environment = { ...process.env, KUBECONFIG: source.kubeconfig };
  const view = await run(source.kubectl, ['config', 'view', '--raw', '--flatten', '--minify'], environment);
  if (view.code !== 0) throw new Error(`${source.kubeconfig} can't be used: ${view.stderr}`);
  await writeFile(target, view.stdout, { mode: 0o600 });
  const args = ['config', 'set-context', '--current', `--namespace=${namespace}`];
  const set = await run(source.kubectl, args, { ...process.env, KUBECONFIG: target });
  if (set.code !== 0) throw new Error(`${source.kubeconfig} has no current context: ${set.stderr}`);
}

const expecting =
  (kubectl: DemoCluster['kubectl']): DemoCluster['expect'] =>
  async (args, stdin) => {
    const { code, stdout, stderr } = await kubectl(args, stdin);
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')} exited with ${code}:\n${stderr}`);
    return stdout;
  };

/** A non-zero exit is a value; a program that can't be started is an error. */
function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv, stdin = ''): Promise<Output> {
  return new Promise((resolve, reject) => {
    const options = { maxBuffer: 64 << 20, timeout: 240_000, cwd: repository, env };
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code;
      if (typeof code === 'number') resolve({ code, stdout, stderr });
      else reject(new Error(`${program} ${args.join(' ')}: ${error?.message ?? ''}`, { cause: error }));
    });
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(stdin);
  });
}
