/** What to write instead: the half sentence behind a schema fault. Most faults are YAML's doing, so it says so. */
import { didYouMean } from '../values/nearest.ts';

/** Longest value that is worth repeating inside a remedy. */
const longestEcho = 60;

/** For a value of a wrong type. `fields`: what an object here may have. */
export function type(wanted: string, value: unknown, fields: readonly string[]): string {
  switch (wanted) {
    case 'string':
    case 'integer,string':
      return quoted(value);
    case 'integer':
    case 'number':
      return unquotedNumber(value);
    case 'boolean':
      return unquotedBoolean(value);
    case 'array':
      return 'write a list: every item on a line of its own behind "- "';
    default:
      if (value === null || value === undefined) return 'remove the empty item';
      return fields.length === 0
        ? 'write a map of names and values'
        : `write its fields: ${fields.slice(0, 8).join(', ')}`;
  }
}

function quoted(value: unknown): string {
  if (typeof value === 'boolean') {
    return `write it in quotes: YAML reads true, false, on, off, yes and no without quotes as booleans`;
  }
  if (typeof value === 'number') {
    return `write it in quotes, "${value}": YAML reads it as a number without them (and 8.0 as 8)`;
  }
  return value === null ? 'remove the empty item' : 'write one value, not a list or a map';
}

function unquotedNumber(value: unknown): string {
  if (typeof value === 'string' && /^[0-9]{1,15}$/.test(value)) return `write it without quotes: ${Number(value)}`;
  return 'write a whole number without quotes';
}

function unquotedBoolean(value: unknown): string {
  const text = typeof value === 'string' ? value.toLowerCase() : '';
  if (['true', 'yes', 'on'].includes(text)) return 'write it without quotes: true';
  if (['false', 'no', 'off'].includes(text)) return 'write it without quotes: false';
  return 'write true or false without quotes';
}

export const dateTime = 'write date and time as in 2026-05-31T12:00:00Z';

export const required = (name: string, parent: string): string =>
  parent === '' ? `add ${name}` : `add ${name} to ${parent}`;

/** `; did you mean "postgresql"?`, or '' when nothing is near. */
export function nearest(value: string, supported: readonly string[]): string {
  if (value.length > longestEcho) return '';
  const lower = value.toLowerCase();
  const begun = supported.filter((each) => lower.length >= 3 && each.toLowerCase().startsWith(lower));
  return begun.length === 1 ? `; did you mean ${JSON.stringify(begun[0])}?` : didYouMean(value, supported);
}

const dnsName = 'write lower-case letters, digits, - and ., beginning and ending with a letter or digit';

const words: ReadonlyMap<string, string> = new Map([
  ['^[0-9]+(\\.[0-9]+){0,2}$', 'write one to three numbers with dots between them, such as "17", "16.3" or "8.0.36"'],
  ['^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$', dnsName],
  ['^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$', dnsName],
  [
    '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$',
    'write lower-case letters, digits and -, beginning and ending with a letter or digit',
  ],
  ['^[-._a-zA-Z0-9]+$', 'write letters, digits, -, _ and .'],
  ['^[1-9][0-9]*(s|m|h|d)$', 'write a whole number of 1 or more and s, m, h or d, such as 30m or 2h'],
  ['^[A-Za-z_][A-Za-z0-9_]*$', 'write letters, digits and _, not beginning with a digit'],
]);

/** For a string that does not match. Patterns of `status` have no words: nobody writes it by hand. */
export const pattern = (source: string): string => words.get(source) ?? 'write a value of this form';
