/** The verb `inspect`: what a backup says of itself, for a rebuild. Nothing secret leaves it in clear. */
import { secretStream } from '../values/sealed.ts';
import { readProof } from './catalogue.ts';
import { totals } from './compare.ts';
import type { Job } from './context.ts';
import { find } from './find.ts';
import { readAll } from './storage/storage.ts';
import { bytesOf, type Outcome } from './take.ts';

const mostSecretBytes = 16 * 1024;

export async function inspect(job: Job): Promise<Outcome> {
  const { storage } = job;
  const { folder, named, manifest, checksum } = await find(job);
  const { engine, serverVersion, database, endedAt, spec, application, streams, fingerprint } = manifest;
  const proof = await readProof(storage, named);
  const secret = streams.find(({ kind }) => kind === secretStream)?.objects[0];
  const sealed = secret && (await readAll(storage, `${folder}${manifest.name}/${secret.name}`, mostSecretBytes));
  return {
    ok: true,
    ...{ location: storage.where(`${folder}${manifest.name}`), backup: manifest.name, checksum, serverVersion },
    ...{ bytes: bytesOf(streams), ...totals(fingerprint) },
    manifest: {
      ...{ engine, serverVersion, database, encrypted: manifest.encryption !== undefined, endedAt },
      ...(proof?.ok === true && { provenAt: proof.provenAt }),
      ...(application !== undefined && { application }),
      ...(sealed !== undefined && { sealedSecret: sealed.toString('base64') }),
      ...(spec !== undefined && { spec }),
    },
  };
}
