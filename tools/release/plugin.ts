/**
 * `npm run release:plugin -- --url URL --homepage URL [--out FOLDER]`: the kubectl plugin as one archive for every platform, and
 * the manifest by which krew installs it from `--url`. The same sources give the same bytes.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { stringify } from 'yaml';
import { digest, tar, type Entry } from '../../src/plugin/report/tar.ts';
import { bundle } from '../image/bundle.ts';

const root = path.resolve(import.meta.dirname, '../..');
/** Two folders down, from where the program looks for its package.json. */
const folder = 'lib/plugin';
const program = `${folder}/kubectl-database.js`;

export interface PluginRelease {
  readonly version: string;
  readonly archive: Buffer;
}

export async function pluginArchive(): Promise<PluginRelease> {
  const { version, license } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as {
    version: string;
    license: string;
  };
  const { files, packages } = await bundle(root, folder, 'src/kubectl-database.ts');
  const text = (file: string, content: string): Entry => ({ path: file, content: Buffer.from(content) });
  const licences = packages.map(
    ({ name, version: of, license: id, licenseText = '' }) => `${name} ${of} (${id})\n\n${licenseText}`,
  );
  const entries = [
    ...files.map((file) => ({ ...file, executable: file.path === program })),
    text('package.json', `${JSON.stringify({ name: 'kubectl-database', version, license, type: 'module' })}\n`),
    text('LICENSE', await readFile(path.join(root, 'LICENSE'), 'utf8')),
    text('THIRD-PARTY.txt', licences.join('\n')),
  ];
  return { version, archive: gzipSync(tar(entries), { level: 9 }) };
}

export interface Places {
  readonly url: string;
  readonly homepage: string;
}

/** krew runs a script by its first line, which Windows has no use for. */
export const krewManifest = ({ version, archive }: PluginRelease, { url, homepage }: Places): string =>
  stringify(
    {
      apiVersion: 'krew.googlecontainertools.github.com/v1alpha2',
      kind: 'Plugin',
      metadata: { name: 'database' },
      spec: {
        version: `v${version}`,
        homepage,
        shortDescription: 'See and steer the databases of database-operator',
        description:
          "Shows a Database on one screen with what is wrong and what to do, plans and validates changes against the cluster, opens the engine's client in the right pod, moves the primary, restarts, hibernates, backs up, restores, follows logs, and collects a report without passwords.\n",
        caveats: 'Needs Node 24 or newer as `node` on the PATH, and the kinds of database-operator in the cluster.\n',
        platforms: [
          {
            selector: { matchExpressions: [{ key: 'os', operator: 'In', values: ['linux', 'darwin'] }] },
            uri: url,
            sha256: digest(archive).slice('sha256:'.length),
            bin: program,
          },
        ],
      },
    },
    { lineWidth: 0 },
  );

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      url: { type: 'string' },
      homepage: { type: 'string' },
      out: { type: 'string', default: 'dist/release' },
    },
  });
  const { url, homepage } = values;
  if (url === undefined || homepage === undefined) {
    console.error('--url (where the archive will lie) and --homepage are missing');
    return 2;
  }
  const release = await pluginArchive();
  await mkdir(values.out, { recursive: true });
  const archive = path.join(values.out, `kubectl-database-v${release.version}.tar.gz`);
  await writeFile(archive, release.archive);
  await writeFile(path.join(values.out, 'database.yaml'), krewManifest(release, { url, homepage }));
  console.log(
    `${archive} (${Math.round(release.archive.length / 1024)} KiB)\n${path.join(values.out, 'database.yaml')}`,
  );
  return 0;
}

if (process.argv[1] === import.meta.filename) process.exitCode = await main();
