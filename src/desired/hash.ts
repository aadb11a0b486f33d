/** A hash that does not depend on the order in which keys were written. */
import { createHash } from 'node:crypto';

/** JSON with sorted keys; `undefined` members are left out, as JSON does. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}

/** Equal for equal contents, whatever the order of keys; different for different ones. */
export type Fingerprint = (value: unknown) => string;

/** 16 hexadecimal digits of SHA-256: short enough for a label, long enough never to meet by chance. */
export const stableHash: Fingerprint = (value) =>
  createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, 16);
