/**
 * What MySQL keeps instead of a password under caching_sha2_password: SHA-crypt (Drepper's SHA-256 form) with a salt of 20
 * characters. Made here, so that the password itself is in no statement.
 */
import { hash } from 'node:crypto';

const digest = (...parts: readonly Uint8Array[]): Buffer => hash('sha256', Buffer.concat(parts), 'buffer');

/** So many bytes of `source`, over and over. */
const repeated = (source: Uint8Array, length: number): Buffer => Buffer.alloc(length, source);

const alphabet = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const order = [
  0, 10, 20, 21, 1, 11, 12, 22, 2, 3, 13, 23, 24, 4, 14, 15, 25, 5, 6, 16, 26, 27, 7, 17, 18, 28, 8, 9, 19, 29,
];

function encoded(bytes: Buffer): string {
  const triple = (a: number, b: number, c: number, characters: number): string => {
    const value = (a << 16) | (b << 8) | c;
    return Array.from({ length: characters }, (_, index) => alphabet[(value >> (6 * index)) & 63]).join('');
  };
  const at = (index: number): number => bytes[index] ?? 0;
  let text = '';
  for (let index = 0; index < order.length; index += 3)
    text += triple(at(order[index] ?? 0), at(order[index + 1] ?? 0), at(order[index + 2] ?? 0), 4);
  return text + triple(0, at(31), at(30), 3);
}

function crypt(password: Buffer, salt: Buffer, rounds: number): string {
  const other = digest(password, salt, password);
  const parts: Uint8Array[] = [password, salt, repeated(other, password.length)];
  for (let bits = password.length; bits > 0; bits >>= 1) parts.push(bits & 1 ? other : password);
  let sum = digest(...parts);
  const p = repeated(digest(...Array.from({ length: password.length }, () => password)), password.length);
  const s = repeated(digest(...Array.from({ length: 16 + (sum[0] ?? 0) }, () => salt)), salt.length);
  for (let round = 0; round < rounds; round++) {
    const odd = round % 2 === 1;
    const mixed: Uint8Array[] = [odd ? p : sum];
    if (round % 3 !== 0) mixed.push(s);
    if (round % 7 !== 0) mixed.push(p);
    sum = digest(...mixed, odd ? sum : p);
  }
  return encoded(sum);
}

/** Thousands of rounds, as the server's default has it. */
const thousands = 5;
const saltLength = 20;

/** `salt`: 20 printable characters. Takes some milliseconds. */
export function sha2Password(password: string, salt: string, rounds = thousands): string {
  const prefix = `$A$${rounds.toString(16).toUpperCase().padStart(3, '0')}$`;
  return `${prefix}${salt}${crypt(Buffer.from(password), Buffer.from(salt), rounds * 1000)}`;
}

const form = new RegExp(`^\\$A\\$([0-9A-F]{3})\\$(.{${saltLength}})[./0-9A-Za-z]{43}$`, 's');

export function isSha2PasswordOf(kept: string, password: string): boolean {
  const [, rounds = '', salt = ''] = form.exec(kept) ?? [];
  const times = Number.parseInt(rounds, 16);
  // More would hold up the process; the operator never makes such.
  return times >= 1 && times <= 20 && sha2Password(password, salt, times) === kept;
}

/** What MariaDB, and MySQL before 8.0, keep under mysql_native_password. */
export const nativePassword = (password: string): string =>
  `*${hash('sha1', hash('sha1', Buffer.from(password), 'buffer'), 'hex').toUpperCase()}`;

export const saltOf = (random: Uint8Array): string =>
  Buffer.from(random)
    .toString('base64')
    .replaceAll('+', '.')
    .replaceAll('=', '0')
    .slice(0, saltLength)
    .padEnd(saltLength, '0');
