import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { cacheFolder, findBinaries } from './binaries.ts';
import { binaryNames, goVersion, kubernetesVersion, pinsHash } from './pins.ts';

// Stands in for the Go toolchain: writes its arguments to the file after -o.
const fakeGo = `#!/bin/sh
args="$CGO_ENABLED $*"
while [ "$1" != -o ]; do shift; done
echo "$args" > "$2"
`;

describe('binaries of the control plane', () => {
  let folder: string;
  let env: Record<string, string>;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'binaries-'));
    await mkdir(path.join(folder, 'bin'));
    env = { XDG_CACHE_HOME: path.join(folder, 'cache'), PATH: `${path.join(folder, 'bin')}:/usr/bin:/bin` };
  });
  afterEach(() => rm(folder, { recursive: true }));

  const go = async (script = fakeGo): Promise<void> => {
    await writeFile(path.join(folder, 'bin/go'), script);
    await chmod(path.join(folder, 'bin/go'), 0o755);
  };
  const put = async (where: string, names: readonly string[]): Promise<void> => {
    await mkdir(where, { recursive: true });
    for (const name of names) await writeFile(path.join(where, name), '', { mode: 0o755 });
  };
  const find = (lines: string[] = []): ReturnType<typeof findBinaries> =>
    findBinaries({
      env,
      download: false,
      progress: { line: (text) => lines.push(text), status: () => undefined },
    });

  it('takes those of KUBEBUILDER_ASSETS without touching the cache', async () => {
    env['KUBEBUILDER_ASSETS'] = path.join(folder, 'assets');
    await put(env['KUBEBUILDER_ASSETS'], binaryNames);
    const binaries = await find();
    assert.equal(binaries.etcd, path.join(folder, 'assets/etcd'));
    assert.deepEqual((await readdir(folder)).sort(), ['assets', 'bin']);
  });

  it('completes an envtest folder, which has no controller manager, and says so', async () => {
    env['KUBEBUILDER_ASSETS'] = path.join(folder, 'assets');
    await put(env['KUBEBUILDER_ASSETS'], ['etcd', 'kube-apiserver', 'kubectl']);
    await go();
    const lines: string[] = [];
    const binaries = await find(lines);
    assert.equal(path.dirname(binaries.kubectl), path.join(folder, 'assets'));
    assert.equal(binaries['kube-controller-manager'], path.join(cacheFolder(env), 'kube-controller-manager'));
    assert.match(lines.join('\n'), /has no kube-controller-manager/);
    assert.deepEqual(await readdir(cacheFolder(env)), ['kube-controller-manager']);
  });

  it('builds what the cache lacks, with the pinned flags, and nothing twice', async () => {
    await put(cacheFolder(env), ['etcd']);
    await go();
    const { 'kube-apiserver': apiServer } = await find();
    const built = (await readFile(apiServer, 'utf8')).trim();
    assert.ok(built.startsWith('0 build -trimpath -buildvcs=false -ldflags -s -w -X'), built);
    assert.ok(built.includes(`gitVersion=${kubernetesVersion()} `), built);
    assert.ok(built.endsWith('k8s.io/kubernetes/cmd/kube-apiserver'), built);
    await go('#!/bin/sh\nexit 1\n');
    await find();
    assert.deepEqual((await readdir(cacheFolder(env))).sort(), [...binaryNames].sort());
  });

  it('goes on after a failed build where it was, and leaves no half of a binary', async () => {
    await go(
      `#!/bin/sh\ncase "$*" in *kube-controller*) echo half > "$7"; echo out of disk >&2; exit 1;; esac\n${fakeGo}`,
    );
    await assert.rejects(find(), /kube-controller-manager failed \(exit code 1\)[^]*out of disk/);
    assert.deepEqual((await readdir(cacheFolder(env))).sort(), ['etcd', 'kube-apiserver']);
    await go();
    await find();
  });

  it('names the Go release and the way around it when there is no Go', async () => {
    env['PATH'] = path.join(folder, 'bin');
    await assert.rejects(find(), (error: Error) => {
      assert.match(error.message, /there is no "go" on PATH/);
      assert.ok(error.message.includes(`Go ${goVersion()} or newer`));
      assert.match(error.message, /KUBEBUILDER_ASSETS/);
      return true;
    });
  });

  it('keeps the cache by pins, and ignores an XDG_CACHE_HOME that is not absolute', () => {
    assert.match(pinsHash(), /^[0-9a-f]{12}$/);
    assert.equal(
      cacheFolder({ XDG_CACHE_HOME: 'here', HOME: '/home/a' }),
      `/home/a/.cache/database-operator/${pinsHash()}`,
    );
  });
});
