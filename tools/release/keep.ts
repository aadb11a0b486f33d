/**
 * `npm run release:keep`: writes down what this version stores and makes, in test/fixtures/releases/v<version>, for the
 * versions after it to be held against: its CRDs, objects as its webhook stores them, and the part of their StatefulSets
 * that must not change. Refused once the change log says that the version is out.
 */
import { cp, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import type { KubernetesObject } from '../../src/api/object.ts';
import { isUnreleased } from './change-log.ts';
import { lasting, stored, type Kept } from './kept.ts';

const root = path.resolve(import.meta.dirname, '../..');

async function inputs(): Promise<readonly (readonly [name: string, object: KubernetesObject])[]> {
  const read = async (folder: string, ending: string): Promise<(readonly [string, KubernetesObject])[]> => {
    const files = (await readdir(path.join(root, folder))).filter((file) => file.endsWith(ending)).toSorted();
    return Promise.all(
      files.map(async (file) => {
        const text = await readFile(path.join(root, folder, file), 'utf8');
        return [file.replace(ending, ''), parse(text) as KubernetesObject] as const;
      }),
    );
  };
  return [...(await read('examples', '.yaml')), ...(await read('src/desired/golden', '.in.yaml'))];
}

async function keep(): Promise<void> {
  const { version } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as { version: string };
  if (!isUnreleased(await readFile(path.join(root, 'CHANGELOG.md'), 'utf8'), version))
    throw new Error(`CHANGELOG.md says that ${version} is released: what it stored is not written anew`);
  const folder = path.join(root, 'test/fixtures/releases', `v${version}`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await cp(path.join(root, 'crds'), path.join(folder, 'crds'), { recursive: true });
  const all = (await inputs()).map(([name, input]): Kept => {
    const object = stored(input);
    return { name, object, ...lasting(object) };
  });
  await writeFile(path.join(folder, 'objects.json'), `${JSON.stringify(all, null, 1)}\n`);
  console.log(`${path.relative(root, folder)}: ${all.length} objects`);
}

await keep().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
