/** One certificate with its key, checked: what a server may be given. */
import { X509Certificate, createPrivateKey } from 'node:crypto';

/** PEM. `cert` is the leaf first, then whatever of its chain is sent along. */
export interface Pair {
  readonly cert: string;
  readonly key: string;
}

export interface Certificate extends Pair {
  /** Colon-separated SHA-256 of the leaf. */
  readonly fingerprint: string;
  readonly serial: string;
  /** Milliseconds since the epoch. */
  readonly notBefore: number;
  readonly notAfter: number;
}

export type Checked =
  { readonly ok: true; readonly certificate: Certificate } | { readonly ok: false; readonly problem: string };

const no = (problem: string): Checked => ({ ok: false, problem });
const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Parses the pair and makes sure that the key is the leaf's. Validity in time is `timeProblem`'s business. */
export function checkPair(pair: Pair): Checked {
  let leaf: X509Certificate;
  try {
    leaf = new X509Certificate(pair.cert);
  } catch (error) {
    return no(`the certificate can't be read: ${reason(error)}`);
  }
  try {
    if (!leaf.checkPrivateKey(createPrivateKey(pair.key))) return no('the key does not belong to the certificate');
  } catch {
    // The reason may quote the key.
    return no("the private key can't be read");
  }
  return {
    ok: true,
    certificate: {
      ...pair,
      fingerprint: leaf.fingerprint256,
      serial: leaf.serialNumber,
      notBefore: leaf.validFromDate.getTime(),
      notAfter: leaf.validToDate.getTime(),
    },
  };
}

/** Why the certificate may not be served at `now`, or undefined. */
export function timeProblem(certificate: Certificate, now: number): string | undefined {
  if (now >= certificate.notAfter) return `the certificate expired at ${new Date(certificate.notAfter).toISOString()}`;
  if (now < certificate.notBefore) {
    return `the certificate is not valid before ${new Date(certificate.notBefore).toISOString()}`;
  }
  return undefined;
}
