import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { downloadBinaries, type DownloadPlaces } from './download.ts';
import { binaryNames, kubernetesVersion, type BinaryName } from './pins.ts';

describe('download of the control plane', () => {
  const version = kubernetesVersion();
  const platform = `${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`;
  let folder: string;
  let target: string;
  let server: Server;
  let places: DownloadPlaces;
  let served: Map<string, Buffer | 'silence'>;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'download-'));
    target = path.join(folder, 'target');
    await mkdir(target);
    served = new Map();
    server = createServer((request, response) => {
      const body = served.get(request.url ?? '');
      if (body === 'silence') return;
      response.statusCode = body === undefined ? 404 : 200;
      response.end(body);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    places = { index: `${base}/index.yaml`, releases: `${base}/release`, answerMs: 200, fileMs: 1000 };
    await serveAll(base);
  });
  afterEach(async () => {
    server.close();
    server.closeAllConnections();
    await rm(folder, { recursive: true });
  });

  async function serveAll(base: string): Promise<void> {
    const inside = path.join(folder, 'controller-tools/envtest');
    await mkdir(inside, { recursive: true });
    for (const name of ['etcd', 'kube-apiserver', 'kubectl']) await writeFile(path.join(inside, name), name);
    execFileSync('tar', ['-czf', 'archive.tar.gz', 'controller-tools'], { cwd: folder });
    const archive = await readFile(path.join(folder, 'archive.tar.gz'));
    const sha512 = createHash('sha512').update(archive).digest('hex');
    const name = `envtest-${version}-${platform}.tar.gz`;
    served.set('/archive', archive);
    served.set(
      '/index.yaml',
      Buffer.from(
        JSON.stringify({ releases: { [version]: { [name]: { hash: sha512, selfLink: `${base}/archive` } } } }),
      ),
    );
    const manager = Buffer.from('manager');
    const url = `/release/${version}/bin/${platform.replace('-', '/')}/kube-controller-manager`;
    served.set(url, manager);
    served.set(`${url}.sha256`, Buffer.from(createHash('sha256').update(manager).digest('hex')));
  }

  const download = async (names: readonly BinaryName[] = binaryNames): Promise<string> => {
    const lines: string[] = [];
    await downloadBinaries(names, target, { line: (text) => lines.push(text), status: () => undefined }, places);
    return lines.join('\n');
  };

  it('installs all four, executable', async () => {
    await download();
    assert.deepEqual((await readdir(target)).sort(), [...binaryNames].sort());
    assert.equal(await readFile(path.join(target, 'kubectl'), 'utf8'), 'kubectl');
    assert.equal(await readFile(path.join(target, 'kube-controller-manager'), 'utf8'), 'manager');
  });

  it('takes only what is asked for', async () => {
    await download(['kubectl']);
    assert.deepEqual(await readdir(target), ['kubectl']);
  });

  it('refuses an archive with another digest', async () => {
    served.set('/archive', Buffer.from('something else'));
    assert.match(await download(), /no download \(sha512 of archive.tar.gz is not the published one\)/);
    assert.deepEqual(await readdir(target), []);
  });

  it('keeps what it got when the controller manager is not there', async () => {
    for (const url of served.keys()) if (url.startsWith('/release')) served.delete(url);
    assert.match(await download(), /no download \(.*HTTP 404\)/);
    assert.deepEqual((await readdir(target)).sort(), ['etcd', 'kube-apiserver', 'kubectl']);
  });

  it('gives up within its time when nobody answers', async () => {
    served.set('/index.yaml', 'silence');
    const begin = Date.now();
    assert.match(await download(), /no download .*what is missing is built from source/);
    assert.ok(Date.now() - begin < 1000);
  });
});
