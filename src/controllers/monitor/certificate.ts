/** When the certificate of a Database ends, asked at most once an hour: its Secret is a stranger's, and in no cache. */
import { X509Certificate } from 'node:crypto';
import { Secret } from '../../api/resources.ts';
import type { Database } from '../../api/types.generated.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import type { Clock } from '../../values/clock.ts';

export const CERTIFICATE_SECONDS = 3600;
/** Databases remembered at most. */
const MOST = 10_000;

/** Seconds since the epoch; undefined: there is none, or it can't be read. */
export type CertificateEnds = (database: Database, signal: AbortSignal) => Promise<number | undefined>;

export function createCertificateEnds({ client, clock }: { client: KubernetesClient; clock: Clock }): CertificateEnds {
  const known = new Map<string, { readonly at: number; readonly ends: number | undefined }>();
  return async ({ metadata, spec }, signal) => {
    const name = spec.tls?.certificateSecret;
    if (name === undefined) return undefined;
    const scope = metadata.namespace === undefined ? {} : { namespace: metadata.namespace };
    const key = `${metadata.namespace ?? ''}/${name}`;
    const before = known.get(key);
    // A little less than the time after which the next pass comes.
    if (before !== undefined && clock.now() - before.at < (CERTIFICATE_SECONDS - 60) * 1000) return before.ends;
    const secret = await client.get({ resource: Secret, name, ...scope }, { signal });
    const ends = endOf((secret?.['data'] as Readonly<Record<string, string>> | undefined)?.['tls.crt']);
    if (known.size >= MOST) known.clear();
    known.set(key, { at: clock.now(), ends });
    return ends;
  };
}

/** Of the first certificate in base64 of PEM. */
export function endOf(encoded: string | undefined): number | undefined {
  if (encoded === undefined) return undefined;
  try {
    return Math.round(new X509Certificate(Buffer.from(encoded, 'base64')).validToDate.getTime() / 1000);
  } catch {
    return undefined;
  }
}
