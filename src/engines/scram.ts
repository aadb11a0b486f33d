/**
 * SCRAM-SHA-256 (RFC 5802, RFC 7677): what a server keeps instead of a password. Made here, so that the password itself
 * never reaches the server's log or its memory; and compared here, so that nothing is written when it is right already.
 */
import { createHash, createHmac, pbkdf2Sync, timingSafeEqual } from 'node:crypto';

/** As PostgreSQL and MongoDB keep them. */
export interface ScramKeys {
  readonly storedKey: Buffer;
  readonly serverKey: Buffer;
}

/** RFC 4013 as far as passwords that people can type need it. */
const prepared = (password: string): string =>
  password
    .replace(/[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]/g, ' ')
    .replace(/\p{Variation_Selector}|\u00ad|\u034f|\u1806|\u200c|\u200d|\u2060|\ufeff/gu, '')
    .normalize('NFKC');

const hmac = (key: Uint8Array, text: string): Buffer => createHmac('sha256', key).update(text).digest();

export function scramKeys(password: string, salt: Uint8Array, iterations: number): ScramKeys {
  const salted = pbkdf2Sync(prepared(password), salt, iterations, 32, 'sha256');
  return {
    storedKey: createHash('sha256').update(hmac(salted, 'Client Key')).digest(),
    serverKey: hmac(salted, 'Server Key'),
  };
}

/** PostgreSQL's default. */
const iterationsOfNew = 4096;

/** `SCRAM-SHA-256$4096:salt$storedKey:serverKey`, as PostgreSQL's `rolpassword` holds it. */
export function scramVerifier(password: string, salt: Uint8Array, iterations = iterationsOfNew): string {
  const { storedKey, serverKey } = scramKeys(password, salt, iterations);
  const encode = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
  return `SCRAM-SHA-256$${iterations}:${encode(salt)}$${encode(storedKey)}:${encode(serverKey)}`;
}

const form = /^SCRAM-SHA-256\$([0-9]{1,7}):([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+):([A-Za-z0-9+/=]+)$/;

/** Whether the verifier is that of this password. */
export function isVerifierOf(verifier: string, password: string): boolean {
  const match = form.exec(verifier);
  if (match === null) return false;
  const [, iterations = '', salt = ''] = match;
  // More would hold up the process; the operator never makes such.
  if (Number(iterations) < 1 || Number(iterations) > 100_000) return false;
  const [expected, given] = [scramVerifier(password, Buffer.from(salt, 'base64'), Number(iterations)), verifier].map(
    (text) => Buffer.from(text),
  );
  return expected !== undefined && given?.length === expected.length && timingSafeEqual(expected, given);
}
