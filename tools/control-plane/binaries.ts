/**
 * Where the control plane's binaries come from, in this order: KUBEBUILDER_ASSETS, the cache, a download, a build from
 * the pinned Go modules. Each binary is looked for on its own, because an envtest folder has no controller manager.
 */
import { access, constants, mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { buildBinary, type Environment } from './build.ts';
import { withLock } from './lock.ts';
import { binaryNames, pinsHash, type Binaries, type BinaryName } from './pins.ts';
import { silent, type Progress } from './progress.ts';

export interface FindOptions {
  readonly env?: Environment;
  readonly progress?: Progress;
  /** Default true. */
  readonly download?: boolean;
}

/** `~/.cache/database-operator/<hash of pins>`, or below XDG_CACHE_HOME. */
export function cacheFolder(env: Environment = process.env): string {
  const given = env['XDG_CACHE_HOME'];
  const root = given !== undefined && path.isAbsolute(given) ? given : path.join(env['HOME'] ?? homedir(), '.cache');
  return path.join(root, 'database-operator', pinsHash());
}

/** All binaries, made if need be: that takes minutes once. Rejects with what to install or set. */
export async function findBinaries(options: FindOptions = {}): Promise<Binaries> {
  const { env = process.env, progress = silent } = options;
  const given = env['KUBEBUILDER_ASSETS'] ?? '';
  const cache = cacheFolder(env);
  const folders = given === '' ? [cache] : [path.resolve(given), cache];
  const missing = await missingFrom(folders);
  if (missing.length > 0) {
    if (given !== '') progress.line(`KUBEBUILDER_ASSETS (${given}) has no ${missing.join(', ')}`);
    await prepare(missing, cache, { env, progress, download: options.download ?? true });
  }
  const paths = await Promise.all(binaryNames.map((name) => locate(name, folders)));
  return Object.fromEntries(binaryNames.map((name, index) => [name, paths[index]])) as unknown as Binaries;
}

async function prepare(
  wanted: readonly BinaryName[],
  cache: string,
  { env, progress, download }: Required<FindOptions>,
): Promise<void> {
  await mkdir(cache, { recursive: true });
  const wait = (): void => progress.line('another process is preparing the control plane: waiting for it');
  await withLock(path.join(cache, 'lock'), wait, async () => {
    const stillMissing = async (): Promise<readonly BinaryName[]> =>
      (await missingFrom([cache])).filter((name) => wanted.includes(name));
    const before = await stillMissing();
    if (before.length > 0 && download) {
      // Loaded only here: it is slow to import, and most runs find everything.
      const { downloadBinaries } = await import('./download.ts');
      await downloadBinaries(before, cache, progress);
    }
    const toBuild = await stillMissing();
    if (toBuild.length > 0) progress.line(`building ${toBuild.join(', ')} from source: about six minutes, once`);
    for (const name of toBuild) await buildBinary(name, cache, env, progress);
  });
}

async function missingFrom(folders: readonly string[]): Promise<readonly BinaryName[]> {
  const found = await Promise.all(binaryNames.map((name) => locate(name, folders)));
  return binaryNames.filter((_, index) => found[index] === undefined);
}

async function locate(name: BinaryName, folders: readonly string[]): Promise<string | undefined> {
  for (const folder of folders) {
    const file = path.join(folder, name);
    if (
      await access(file, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return file;
  }
  return undefined;
}
