/** What selfsigned keeps, and when a part of it must be made anew. Pure but for parsing. */
import { X509Certificate, createPublicKey } from 'node:crypto';
import { isIP } from 'node:net';
import { checkPair, type Certificate, type Pair } from './certificate.ts';

export interface SelfSignedState {
  readonly ca: Pair;
  readonly leaf: Pair;
  /** Certificate of the CA before, trusted until every pod serves a leaf of the new one. */
  readonly previousCa?: string;
}

/** A third of its life before the end: time to notice and mend whatever keeps renewal from working. */
function isAged({ notBefore, notAfter }: Certificate, now: number): boolean {
  return now >= notBefore + ((notAfter - notBefore) * 2) / 3;
}

/** Which part is missing, broken, worn or for other hosts; a new CA needs a new leaf too. */
export function whatIsDue(
  state: SelfSignedState | undefined,
  hosts: readonly string[],
  now: number,
): 'ca' | 'leaf' | undefined {
  if (state === undefined) return 'ca';
  const ca = checkPair(state.ca);
  if (!ca.ok || isAged(ca.certificate, now)) return 'ca';
  const leaf = checkPair(state.leaf);
  if (!leaf.ok || isAged(leaf.certificate, now)) return 'leaf';
  const certificate = new X509Certificate(state.leaf.cert);
  if (!certificate.verify(createPublicKey(state.ca.cert))) return 'leaf';
  return hosts.every((host) => isFor(certificate, host)) ? undefined : 'leaf';
}

function isFor(certificate: X509Certificate, host: string): boolean {
  return (isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host)) !== undefined;
}

/** PEM blocks of a bundle that are certificates; anything else in it is passed over. */
export function splitBundle(bundle: string): readonly X509Certificate[] {
  const blocks = bundle.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return blocks.flatMap((block) => {
    try {
      return [new X509Certificate(block)];
    } catch {
      return [];
    }
  });
}

/** The CAs to be trusted, newest first. */
export const trusted = ({ ca, previousCa }: SelfSignedState): readonly string[] =>
  previousCa === undefined ? [ca.cert] : [ca.cert, previousCa];
