/**
 * Findings in the words of apimachinery's field.Error, so that kubectl prints them like the API server's own.
 * `message` is what stands in `details.causes[].message`: without the field, with the remedy at its end.
 */
import type { Unknown } from './facts.ts';
import type { CauseType, Finding } from './finding.ts';

/** Longest piece of a user's value that is repeated to him. */
const longestEcho = 200;

/** `spec.config.parameters` and `work_mem` → `spec.config.parameters[work_mem]`; control characters escaped. */
export const keyOf = (field: string, key: string | number): string =>
  `${field}[${String(key).replace(/\p{Cc}/gu, escaped)}]`;

const escaped = (control: string): string => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** `spec.backup` and `schedule` → `spec.backup.schedule`. */
export const child = (field: string, ...names: readonly string[]): string => [field, ...names].join('.');

/** A value as field.Error prints it: strings quoted, numbers and booleans bare, the rest as JSON; long ones cut. */
export function printed(value: unknown): string {
  if (typeof value === 'string') {
    return JSON.stringify(value.length > longestEcho ? `${value.slice(0, longestEcho)}…` : value);
  }
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const json = JSON.stringify(value ?? null);
  return json.length > longestEcho ? `${json.slice(0, longestEcho)}…` : json;
}

const list = (values: readonly string[]): string => values.map((value) => JSON.stringify(value)).join(', ');

function deny(field: string, reason: CauseType, message: string): Finding {
  return { field, reason, message, severity: 'deny' };
}

/** `remedy` says what to write and why it is missed. */
export const required = (field: string, remedy: string): Finding =>
  deny(field, 'FieldValueRequired', `Required value: ${remedy}`);

export const invalid = (field: string, value: unknown, detail: string): Finding =>
  deny(field, 'FieldValueInvalid', `Invalid value: ${printed(value)}: ${detail}`);

/** `nearest` is what was probably meant. */
export function notSupported(field: string, value: unknown, supported: readonly string[], nearest?: string): Finding {
  const hint = nearest === undefined ? '' : `; did you mean ${JSON.stringify(nearest)}?`;
  return deny(
    field,
    'FieldValueNotSupported',
    `Unsupported value: ${printed(value)}: supported values: ${list(supported)}${hint}`,
  );
}

export const forbidden = (field: string, detail: string): Finding =>
  deny(field, 'FieldValueForbidden', `Forbidden: ${detail}`);

export const duplicate = (field: string, value: unknown, remedy: string): Finding =>
  deny(field, 'FieldValueDuplicate', `Duplicate value: ${printed(value)}: ${remedy}`);

export const notFound = (field: string, value: unknown, remedy: string): Finding =>
  deny(field, 'FieldValueNotFound', `Not found: ${printed(value)}: ${remedy}`);

/** The value itself is not repeated, as in apimachinery. */
export const tooLong = (field: string, maximum: number, remedy: string): Finding =>
  deny(field, 'FieldValueTooLong', `Too long: may not be more than ${maximum} bytes; ${remedy}`);

/** Legal but risky: admitted, and printed by kubectl as a warning. */
export const warning = (field: string, message: string): Finding => ({
  field,
  reason: 'FieldValueInvalid',
  message,
  severity: 'warn',
});

/** What a rule says where it would have needed a live fact that nobody holds. */
export const notChecked = (field: string, what: string, why?: string): Finding =>
  warning(field, `not checked: ${what}${why === undefined ? '' : ` (${why})`}`);

/** The same for what nobody wrote down: only where it might have been known, or every manifest would be answered with it. */
export const unchecked = (field: string, what: string, { why, lasting }: Partial<Unknown>): readonly Finding[] =>
  why === undefined || lasting === true ? [] : [notChecked(field, what, why)];
