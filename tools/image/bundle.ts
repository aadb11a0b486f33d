/**
 * The program as a few files instead of a thousand: half the time to ready. It is split where the source imports lazily,
 * so that what only one command or one kind of kubeconfig needs costs no memory. Names are kept for stack traces.
 */
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { oneCopyOfEach, type Locked } from './one-copy.ts';
import type { Entry } from '../../src/plugin/report/tar.ts';

export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  /** Text of its licence file; undefined when it ships none. */
  readonly licenseText: string | undefined;
}

export interface Bundle {
  readonly files: readonly Entry[];
  /** Whose code is in it, sorted by name. */
  readonly packages: readonly BundledPackage[];
}

// CommonJS packages in an ES module still call require for Node's own modules.
const banner =
  "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);";

/** Bundles a program of the repository at `root` to paths below `target`. */
export async function bundle(root: string, target: string, entry = 'src/main.ts'): Promise<Bundle> {
  const lock = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')) as { packages: Locked };
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outdir: 'bundle',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    banner: { js: banner },
    plugins: [oneCopyOfEach(root, lock.packages)],
    metafile: true,
    write: false,
    logLevel: 'error',
  });
  return {
    files: outputFiles.map(({ path: file, contents }) => ({
      path: path.posix.join(target, path.relative(path.join(root, 'bundle'), file)),
      content: contents,
    })),
    packages: packagesOf(root, Object.keys(metafile.inputs)),
  };
}

function packagesOf(root: string, inputs: readonly string[]): readonly BundledPackage[] {
  const folders = inputs.flatMap((input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0] ?? []);
  return [...new Set(folders)]
    .map((folder) => readPackage(path.join(root, folder)))
    .toSorted((a, b) => (`${a.name}@${a.version}` < `${b.name}@${b.version}` ? -1 : 1));
}

function readPackage(folder: string): BundledPackage {
  const { name, version, license } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
    license?: string;
  };
  const file = readdirSync(folder)
    .toSorted()
    .find((entry) => /^(licen[cs]e|copying)(\.|$)/i.test(entry));
  return {
    name,
    version,
    license: license ?? 'NOASSERTION',
    licenseText: file === undefined ? undefined : readFileSync(path.join(folder, file), 'utf8'),
  };
}
