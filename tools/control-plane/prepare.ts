/** `npm run control-plane`: makes sure that the control plane's binaries are there, and prints where. */
import { parseArgs } from 'node:util';
import { cacheFolder, findBinaries } from './binaries.ts';
import { goVersion, kubernetesVersion } from './pins.ts';
import { createProgress } from './progress.ts';

const help = `Usage: npm run control-plane -- [--no-download]

Prepares etcd, kube-apiserver, kube-controller-manager and kubectl (${kubernetesVersion()}) for tests and the demo. Each is taken from
  1. the folder in KUBEBUILDER_ASSETS
  2. the cache, ${cacheFolder()}
  3. a download, when one answers within seconds
  4. a build from the pinned Go modules in tools/control-plane: needs Go ${goVersion()}, about six minutes once; an
     interrupted build goes on where it was

  --no-download  go straight from the cache to the build
  --help         this text
`;

try {
  const { values } = parseArgs({
    options: { 'no-download': { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
  });
  if (values.help) process.stdout.write(help);
  else {
    const progress = createProgress(process.stderr);
    const binaries = await findBinaries({ progress, download: !values['no-download'] });
    for (const [name, file] of Object.entries(binaries)) process.stdout.write(`${name.padEnd(24)} ${file}\n`);
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof TypeError ? 2 : 1;
}
