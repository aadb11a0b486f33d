/** What selfsigned keeps, and when a part of it must be made anew. Pure but for parsing. */
import { X509Certificate, createPublicKey } from 'node:crypto';
import { isIP } from 'node:net';
import { checkPair, type Certificate, type Pair } from './certificate.ts';

export interface SelfSignedState {
  readonly ca: Pair;
  readonly leaf: Pair;
  /** Certificate of the CA before, trusted until every pod serves a leaf of the new one. */
  readonly previousCa?: string;
  /** What takes the place of both once every replica and the API server trust its CA. */
  readonly next?: { readonly ca: Pair; readonly leaf: Pair };
}

/** `next`: a successor must be kept; `promotion`: it is kept, and may be served when it is trusted. */
export type Due = 'ca' | 'leaf' | 'next' | 'promotion';

/** A third of its life before the end: time to notice and mend whatever keeps renewal from working. */
function isAged({ notBefore, notAfter }: Certificate, now: number): boolean {
  return now >= notBefore + ((notAfter - notBefore) * 2) / 3;
}

/**
 * Which part is missing, broken, worn or for other hosts. A CA that is worn but works is replaced in two steps, so that
 * replicas which do so at once agree on one successor before anybody is told to trust it.
 */
export function whatIsDue(state: SelfSignedState | undefined, hosts: readonly string[], now: number): Due | undefined {
  if (state === undefined) return 'ca';
  const ca = checkPair(state.ca);
  if (!ca.ok) return 'ca';
  if (isAged(ca.certificate, now)) return isUsable(state.next, hosts, now) ? 'promotion' : 'next';
  return isGoodLeaf(state.leaf, state.ca, hosts, now) ? undefined : 'leaf';
}

function isGoodLeaf(pair: Pair, ca: Pair, hosts: readonly string[], now: number): boolean {
  const leaf = checkPair(pair);
  if (!leaf.ok || isAged(leaf.certificate, now)) return false;
  const certificate = new X509Certificate(pair.cert);
  return certificate.verify(createPublicKey(ca.cert)) && hosts.every((host) => isFor(certificate, host));
}

function isUsable(next: SelfSignedState['next'], hosts: readonly string[], now: number): boolean {
  if (next === undefined) return false;
  const ca = checkPair(next.ca);
  return ca.ok && !isAged(ca.certificate, now) && isGoodLeaf(next.leaf, next.ca, hosts, now);
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
export const trusted = ({ ca, previousCa, next }: SelfSignedState): readonly string[] =>
  [next?.ca.cert, ca.cert, previousCa].filter((cert) => cert !== undefined);
