/** A hash that does not depend on the order in which keys were written. */
import { createHash } from 'node:crypto';

/** JSON with sorted keys; `undefined` members are left out, as JSON does. */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  let text = '';
  if (Array.isArray(value)) {
    for (const item of value) text += `${text === '' ? '' : ','}${canonicalJson(item ?? null)}`;
    return `[${text}]`;
  }
  for (const key of Object.keys(value).sort()) {
    const member = (value as Readonly<Record<string, unknown>>)[key];
    if (member !== undefined) text += `${text === '' ? '' : ','}${quoted(key)}:${canonicalJson(member)}`;
  }
  return `{${text}}`;
}

/** Printable ASCII but for quotes and backslashes, as nearly all of it is, stands for itself. */
const plain = /^[ !#-[\]-~]*$/;

const quoted = (text: string): string => (plain.test(text) ? `"${text}"` : JSON.stringify(text));

/** Equal for equal contents, whatever the order of keys; different for different ones. */
export type Fingerprint = (value: unknown) => string;

/** 16 hexadecimal digits of SHA-256: short enough for a label, long enough never to meet by chance. */
export const stableHash: Fingerprint = (value) =>
  createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, 16);
