/**
 * npm puts a second copy of a package into the folder of whoever needs it when the place at the top is taken by another
 * version. A bundle would hold, and the process load, every copy: express alone brings one table of media types four times,
 * 4 MiB of resident memory. Here one copy of each name and version stands for all, always the same one.
 */
import type { Plugin } from 'esbuild';

/** `packages` of package-lock.json: by folder, relative to it. */
export type Locked = Readonly<Record<string, { readonly version?: string }>>;

/** Folders of second copies, each with the folder that stands for it; both end in a slash. */
export function secondCopies(packages: Locked): ReadonlyMap<string, string> {
  const first = new Map<string, string>();
  const second = new Map<string, string>();
  for (const folder of Object.keys(packages).toSorted()) {
    const identity = `${folder.slice(folder.lastIndexOf('node_modules/'))}@${packages[folder]?.version ?? ''}`;
    const stands = first.get(identity);
    if (stands === undefined) first.set(identity, folder);
    else second.set(`${folder}/`, `${stands}/`);
  }
  return second;
}

/** `root` is the folder of package-lock.json, absolute. */
export function oneCopyOfEach(root: string, packages: Locked): Plugin {
  const own = Symbol('resolved by this plugin');
  const copies = [...secondCopies(packages)].map(([from, to]) => [`${root}/${from}`, `${root}/${to}`] as const);
  return {
    name: 'one-copy-of-each',
    setup(build) {
      build.onResolve({ filter: /^[^./]/ }, async ({ path: wanted, importer, resolveDir, kind, pluginData }) => {
        if (pluginData === own || kind === 'entry-point') return undefined;
        const found = await build.resolve(wanted, { importer, resolveDir, kind, pluginData: own });
        const copy = copies.find(([from]) => found.path.startsWith(from));
        if (copy === undefined) return undefined;
        return { path: found.path.replace(copy[0], copy[1]), sideEffects: found.sideEffects };
      });
    },
  };
}
