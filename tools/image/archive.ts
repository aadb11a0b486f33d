/** The archive that `docker load`, `podman load` and `ctr images import` read. */
import { command, entrypoint, environment, labels, reference, uid } from './config.ts';
import { digest, tar, type Entry } from '../../src/plugin/report/tar.ts';

export interface Layer {
  readonly what: string;
  readonly files: readonly Entry[];
}

export interface ArchiveOptions {
  readonly version: string;
  /** `amd64`, `arm64` */
  readonly architecture: string;
  /** Bottom first: what changes least. */
  readonly layers: readonly Layer[];
}

export interface Archive {
  readonly content: Buffer;
  /** Digest of the image's configuration: its identity. */
  readonly id: string;
  /** Of all files. */
  readonly unpackedBytes: number;
}

export function archive({ version, architecture, layers }: ArchiveOptions): Archive {
  const blobs = layers.map(({ files }) => tar(files));
  const created = '1970-01-01T00:00:00Z';
  const config = Buffer.from(
    JSON.stringify({
      architecture,
      os: 'linux',
      created,
      config: {
        User: `${uid}:${uid}`,
        Env: Object.entries(environment).map(([name, value]) => `${name}=${value}`),
        Entrypoint: entrypoint,
        Cmd: command,
        WorkingDir: '/',
        ExposedPorts: { '9443/tcp': {}, '8443/tcp': {} },
        Labels: labels(version),
      },
      rootfs: { type: 'layers', diff_ids: blobs.map(digest) },
      history: layers.map(({ what }) => ({ created, created_by: what })),
    }),
  );
  const id = digest(config);
  const names = blobs.map((blob) => `${digest(blob).slice('sha256:'.length)}.tar`);
  const configName = `${id.slice('sha256:'.length)}.json`;
  const manifest = [{ Config: configName, RepoTags: [reference(version)], Layers: names }];
  const content = tar([
    { path: 'manifest.json', content: Buffer.from(JSON.stringify(manifest)) },
    { path: configName, content: config },
    ...blobs.map((blob, index) => ({ path: names[index] ?? '', content: blob })),
  ]);
  const sizes = layers.flatMap(({ files }) => files.map((file) => file.content.length));
  return { content, id, unpackedBytes: sizes.reduce((sum, size) => sum + size, 0) };
}
