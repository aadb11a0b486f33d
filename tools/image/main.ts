/**
 * `npm run image`: the container image without a container engine, as an archive; `-- --root FOLDER` writes the same files
 * to a folder instead, which is what the Dockerfile does. Made from the pinned Node, so the same sources on the same
 * distribution give the same bytes.
 */
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { archive, type Layer } from './archive.ts';
import { bundle } from './bundle.ts';
import { entrypoint, licensesPath, reference, sbomPath } from './config.ts';
import { runtime } from './runtime.ts';
import { licenses, sbom } from './sbom.ts';

const root = path.resolve(import.meta.dirname, '../..');
const help = `Usage: npm run image [-- --root FOLDER]

Writes dist/image/database-operator.tar for docker load or ctr images import; with --root the image's files to FOLDER.
Needs Linux with glibc, npm ci, ldd, and strip (Debian: binutils).
`;

async function makeLayers(version: string): Promise<readonly Layer[]> {
  const node = runtime(path.join(root, 'node_modules/node/bin/node'));
  const program = await bundle(root, path.posix.dirname(entrypoint[1]));
  const text = (content: string): Uint8Array => Buffer.from(content);
  const { packages } = program;
  const identity = { name: 'database-operator', version, type: 'module' };
  return [
    { what: 'Node.js and its libraries', files: node.files },
    {
      what: 'database-operator',
      files: [
        ...program.files,
        { path: '/app/package.json', content: text(`${JSON.stringify(identity)}\n`) },
        { path: sbomPath, content: text(sbom({ version, ...node, packages })) },
        {
          path: licensesPath,
          content: text(licenses(readFileSync(path.join(root, 'LICENSE'), 'utf8'), packages)),
        },
      ],
    },
  ];
}

function writeFolder(folder: string, layers: readonly Layer[]): void {
  for (const file of layers.flatMap(({ files }) => files)) {
    const target = path.join(folder, file.path);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, file.content);
    chmodSync(target, file.executable === true ? 0o755 : 0o644);
  }
}

async function main(folder: string | undefined): Promise<void> {
  if (process.platform !== 'linux') throw new Error('the image is made on Linux; elsewhere use docker build');
  const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string };
  const layers = await makeLayers(version);
  if (folder !== undefined) {
    writeFolder(path.resolve(folder), layers);
    return;
  }
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
  const { content, id, unpackedBytes } = archive({ version, architecture, layers });
  const file = path.join(root, 'dist/image/database-operator.tar');
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
  console.log(
    `${path.relative(process.cwd(), file)}: ${reference(version)}, ${Math.round(unpackedBytes / 1e6)} MB unpacked`,
  );
  console.log(`id ${id}`);
}

const { values } = parseArgs({ options: { root: { type: 'string' }, help: { type: 'boolean', default: false } } });
if (values.help) process.stdout.write(help);
else {
  await main(values.root).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
}
