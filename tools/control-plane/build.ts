/** Builds one binary from its pinned Go module. Go's own build cache makes an interrupted build go on where it was. */
import { spawn } from 'node:child_process';
import { chmod, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { timed, type Progress } from './progress.ts';
import { binaryNames, goVersion, kubernetesVersion, sourceOf, type BinaryName } from './pins.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface BuildSource {
  /** Folder of the Go module. */
  readonly module: string;
  readonly package: string;
  readonly ldflags: string;
  /** What to do when it can't be built. */
  readonly remedy: string;
}

export async function buildBinary(
  name: BinaryName,
  folder: string,
  env: Environment,
  progress: Progress,
): Promise<void> {
  const what = name === 'etcd' ? 'building etcd' : `building ${name} ${kubernetesVersion()}`;
  const source = { ...sourceOf(name), remedy: remedy() };
  await timed(progress, what, () => buildFrom(source, { name, folder, env }));
}

/** Puts `folder`/`name` in place, whole or not at all. */
export async function buildFrom(
  { module, package: target, ldflags, remedy: advice }: BuildSource,
  { name, folder, env }: { readonly name: string; readonly folder: string; readonly env: Environment },
): Promise<void> {
  const part = path.join(folder, `${name}.part`);
  const args = ['build', '-trimpath', '-buildvcs=false', '-ldflags', ldflags, '-o', part, target];
  try {
    await runGo({ name, advice }, args, module, env);
    await chmod(part, 0o755);
    await rename(part, path.join(folder, name));
  } finally {
    await rm(part, { force: true });
  }
}

export const remedy = (): string =>
  `install Go ${goVersion()} or newer and put it on PATH, or set KUBEBUILDER_ASSETS to a folder that holds ${binaryNames.join(', ')}`;

function runGo(
  { name, advice }: { readonly name: string; readonly advice: string },
  args: readonly string[],
  cwd: string,
  env: Environment,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('go', args, {
      cwd,
      env: { ...env, CGO_ENABLED: '0', GOWORK: 'off' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let output = '';
    child.stderr.on('data', (chunk: Buffer) => (output = `${output}${chunk.toString()}`.slice(-16_000)));
    child.on('error', (cause) => {
      const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
      const reason = missing ? 'there is no "go" on PATH' : cause.message;
      reject(new Error(`${name} can't be built, ${reason}: ${advice}`, { cause }));
    });
    child.on('close', (code, signal) => {
      if (code === 0) {
        resolve();
        return;
      }
      const lines = output.split('\n').filter((line) => line !== '' && !line.startsWith('go: downloading'));
      const how = signal === null ? `exit code ${code ?? -1}` : `signal ${signal}`;
      reject(new Error(`go build of ${name} failed (${how}): ${advice}\n${lines.slice(-20).join('\n')}`));
    });
  });
}
