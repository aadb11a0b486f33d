/** Node and what it is linked with: everything in the image that is not ours. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { digest, type Entry } from '../../src/plugin/report/tar.ts';
import { entrypoint, uid } from './config.ts';

export interface Runtime {
  readonly files: readonly Entry[];
  readonly nodeVersion: string;
  readonly libraries: readonly { readonly path: string; readonly sha256: string }[];
}

/** `binary` is Node's. Rejects with what is missing on this machine. */
export function runtime(binary: string): Runtime {
  const libraries = linkedLibraries(binary).map((file) => ({
    path: file,
    content: readFileSync(file),
    executable: true,
  }));
  return {
    files: [{ path: entrypoint[0], content: stripped(binary), executable: true }, ...libraries, ...accounts],
    nodeVersion: execFileSync(binary, ['--version'], { encoding: 'utf8' }).trim().replace(/^v/, ''),
    libraries: libraries.map((file) => ({ path: file.path, sha256: digest(file.content).slice('sha256:'.length) })),
  };
}

const text = (content: string): Uint8Array => Buffer.from(content);

/** No shell, no root to log in as; `localhost` and the cluster's names are resolved in the usual order. */
const accounts: readonly Entry[] = [
  { path: '/etc/passwd', content: text(`root:x:0:0:root:/:/nologin\nnonroot:x:${uid}:${uid}:nonroot:/:/nologin\n`) },
  { path: '/etc/group', content: text(`root:x:0:\nnonroot:x:${uid}:\n`) },
  { path: '/etc/nsswitch.conf', content: text('hosts: files dns\n') },
];

/** The loader and the libraries, at the paths where the loader looks for them. */
function linkedLibraries(binary: string): readonly string[] {
  const listed = tool('ldd', [binary], 'libc-bin').toString();
  const missing = /^\s*(\S+) => not found/m.exec(listed);
  if (missing !== null) throw new Error(`Node needs ${missing[1] ?? 'a library'}, which is not on this machine`);
  return [...listed.matchAll(/(?:=> )?(\/\S+) \(0x/g)].flatMap(([, file]) => file ?? []).toSorted();
}

/** Without its symbols Node is a fifth smaller. */
function stripped(binary: string): Uint8Array {
  const folder = mkdtempSync(path.join(tmpdir(), 'database-operator-image-'));
  try {
    const copy = path.join(folder, 'node');
    copyFileSync(binary, copy);
    tool('strip', ['--strip-all', copy], 'binutils');
    return readFileSync(copy);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function tool(name: string, args: readonly string[], debianPackage: string): Buffer {
  try {
    return execFileSync(name, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new Error(`the image needs ${name} on this machine (Debian package ${debianPackage})`, { cause: error });
  }
}
