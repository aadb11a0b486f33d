/** Real certificates for tests of TLS, and a folder that changes as the kubelet changes a mounted Secret. */
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Pair } from '../../src/server/certificate.ts';
import { issue, type Issued, type IssueRequest } from '../../src/server/issuer.ts';

/** For localhost, valid from a moment ago unless told otherwise. */
export const makeCertificate = (request: Partial<IssueRequest> = {}): Promise<Issued> =>
  issue({ hosts: ['localhost', '127.0.0.1'], now: Date.now(), caDays: 10, leafDays: 5, ...request });

export interface SecretVolume {
  readonly directory: string;
  /** Writes a new folder and swaps the link to it in one step; the files themselves are links and never change. */
  swap(files: Readonly<Record<string, string>>): Promise<void>;
  remove(): Promise<void>;
}

export async function secretVolume(): Promise<SecretVolume> {
  const directory = await mkdtemp(path.join(tmpdir(), 'secret-volume-'));
  let generation = 0;
  return {
    directory,
    swap: async (files) => {
      const data = path.join(directory, `..generation-${generation++}`);
      await mkdir(data);
      for (const [name, content] of Object.entries(files)) {
        await writeFile(path.join(data, name), content);
        await symlink(path.join('..data', name), path.join(directory, name)).catch(() => undefined);
      }
      await symlink(path.basename(data), path.join(directory, '..data_tmp'));
      await rename(path.join(directory, '..data_tmp'), path.join(directory, '..data'));
    },
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}

export const asFiles = ({ cert, key }: Pair): Readonly<Record<string, string>> => ({ 'tls.crt': cert, 'tls.key': key });
