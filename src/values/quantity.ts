/**
 * resource.Quantity with apimachinery's exact semantics: the API server decides what `10Gi` means, so this file follows
 * its parser step by step, oddities included (`5.` is its own canonical form, binary values are capped at 2^63-1, a
 * decimal beyond exa loses its suffix when printed). Values are exact: an integer times a power of ten, never a float.
 */
import { remembered } from './remembered.ts';

export type QuantityFormat = 'DecimalExponent' | 'BinarySI' | 'DecimalSI';

/** The value is `unscaled * 10^exponent`. */
export interface Quantity {
  readonly unscaled: bigint;
  readonly exponent: number;
  readonly format: QuantityFormat;
  /** What the API server would print. */
  readonly canonical: string;
}

export type QuantityResult =
  { readonly ok: true; readonly quantity: Quantity } | { readonly ok: false; readonly error: string };

interface Scanned {
  readonly text: string;
  readonly negative: boolean;
  /** Digits before the point without leading zeros; `0` when there are none. */
  readonly whole: string;
  readonly fraction: string;
  /** Sign, digits and point as written. */
  readonly number: string;
}

interface Suffix {
  readonly base: 2 | 10;
  readonly exponent: number;
  readonly format: QuantityFormat;
}

const badFormat = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const badNumber = 'unable to parse numeric part of quantity';
const badSuffix = "unable to parse quantity's suffix";

const binarySuffixes = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'] as const;
/** From 10^-9, in steps of a thousand. */
const decimalSuffixes = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'] as const;
const largestBinary = 2n ** 63n - 1n;
/** The finest step that is kept: 10^-9. */
const nano = -9;
/** Decimal digits that always fit an int64; longer numbers take the exact path. */
const fastDigits = 18;

/** Parses a quantity, or an int-or-string field's value. Errors are apimachinery's own texts. */
export const parseQuantity = (value: string | number): QuantityResult => parseText(String(value));

const parseText = remembered((text): QuantityResult => {
  if (text === '') return { ok: false, error: badFormat };
  const number = /^[+-]?[0-9]*(?:\.[0-9]*)?/.exec(text)?.[0] ?? '';
  const rest = text.slice(number.length);
  if (!/^[eEinumkKMGTP]*[-+]?[0-9]*$/.test(rest)) return { ok: false, error: badFormat };
  const suffix = interpretSuffix(rest);
  if (suffix === undefined) return { ok: false, error: badSuffix };
  const [whole = '', fraction = ''] = number.replace(/^[+-]/, '').split('.');
  const scanned = {
    text,
    number,
    fraction,
    negative: number.startsWith('-'),
    whole: whole.replace(/^0+/, '') || '0',
  };
  const quantity = fastPath(scanned, suffix) ?? exactPath(scanned, suffix);
  return quantity === undefined ? { ok: false, error: badNumber } : { ok: true, quantity };
});

function interpretSuffix(text: string): Suffix | undefined {
  const decimal = decimalSuffixes.findIndex((known) => known === text);
  if (decimal >= 0) return { base: 10, exponent: 3 * decimal + nano, format: 'DecimalSI' };
  const binary = binarySuffixes.findIndex((known) => known === text);
  if (binary >= 0) return { base: 2, exponent: 10 * binary, format: 'BinarySI' };
  if (!/^[eE][+-]?[0-9]+$/.test(text)) return undefined;
  const digits = text.slice(1).replace(/^\+/, '');
  if (digits.replace(/^-?0*/, '').length > 19) return undefined;
  const exponent = BigInt(digits);
  if (BigInt.asIntN(64, exponent) !== exponent) return undefined;
  return { base: 10, exponent: Number(BigInt.asIntN(32, exponent)), format: 'DecimalExponent' };
}

/** Values that fit an int64 with room to spare; those already canonical keep the spelling they came in. */
function fastPath(scanned: Scanned, suffix: Suffix): Quantity | undefined {
  const { whole, fraction, negative, text } = scanned;
  const binary = suffix.base === 2;
  if (binary && fraction !== '') return undefined;
  const room = binary
    ? 15 - whole.length - Math.trunc((suffix.exponent * 3) / 10) - 1
    : fastDigits - whole.length - fraction.length;
  const exponent = binary ? 0 : (suffix.exponent - fraction.length) | 0;
  if (room < 0 || exponent < nano) return undefined;
  const digits = whole + fraction;
  const magnitude = binary ? BigInt(digits) << BigInt(suffix.exponent) : BigInt(digits);
  const unscaled = negative ? -magnitude : magnitude;
  const isCanonical = binary
    ? (BigInt(digits) & 7n) !== 0n
    : exponent % 3 === 0 && !digits.endsWith('000') && !digits.startsWith('0');
  return quantityOf(unscaled, exponent, suffix.format, isCanonical ? text : undefined);
}

/** Anything else: exact, rounded away from zero to a billionth, and binary values capped. */
function exactPath(scanned: Scanned, suffix: Suffix): Quantity | undefined {
  if (!/[0-9]/.test(scanned.number)) return undefined;
  const { whole, fraction, negative } = scanned;
  let magnitude = BigInt(whole + fraction);
  let exponent = -fraction.length;
  if (suffix.base === 10) exponent = -((fraction.length - suffix.exponent) | 0);
  else magnitude <<= BigInt(suffix.exponent);
  if (magnitude === 0n) return quantityOf(0n, 0, suffix.format);
  [magnitude, exponent] = roundUp(magnitude, exponent, nano);
  let format = suffix.format;
  if (format === 'BinarySI') {
    if (compareMagnitudes(magnitude, exponent, largestBinary, 0) > 0) [magnitude, exponent] = [largestBinary, 0];
    if (compareMagnitudes(magnitude, exponent, 1n, 0) < 0) format = 'DecimalSI';
  }
  return quantityOf(negative ? -magnitude : magnitude, exponent, format);
}

function quantityOf(unscaled: bigint, exponent: number, format: QuantityFormat, written?: string): Quantity {
  return { unscaled, exponent, format, canonical: written ?? canonicalForm(unscaled, exponent, format) };
}

function canonicalForm(unscaled: bigint, exponent: number, format: QuantityFormat): string {
  if (unscaled === 0n) return '0';
  const sign = unscaled < 0n ? '-' : '';
  const magnitude = unscaled < 0n ? -unscaled : unscaled;
  if (format === 'BinarySI' && compareMagnitudes(magnitude, exponent, 1024n, 0) >= 0) {
    const whole = wholeNumber(magnitude, exponent);
    if (whole !== undefined) return sign + binaryForm(whole);
  }
  return sign + decimalForm(magnitude, exponent, format === 'DecimalExponent');
}

/** The integer that `magnitude * 10^exponent` is, if it is one. Binary values are below 2^63, so it stays small. */
function wholeNumber(magnitude: bigint, exponent: number): bigint | undefined {
  if (exponent >= 0) return magnitude * 10n ** BigInt(exponent);
  const divisor = 10n ** BigInt(-exponent);
  return magnitude % divisor === 0n ? magnitude / divisor : undefined;
}

function binaryForm(whole: bigint): string {
  let [amount, unit] = [whole, 0];
  while (amount % 1024n === 0n && unit < binarySuffixes.length - 1) {
    amount /= 1024n;
    unit += 1;
  }
  return `${amount}${binarySuffixes[unit] ?? ''}`;
}

function decimalForm(magnitude: bigint, exponent: number, scientific: boolean): string {
  const all = magnitude.toString();
  let length = all.length;
  while (all[length - 1] === '0') length -= 1;
  const digits = all.slice(0, length);
  const scale = exponent + all.length - length;
  const padding = ((scale % 3) + 3) % 3;
  const power = scale - padding;
  const number = digits + '0'.repeat(padding);
  if (scientific) return power === 0 ? number : `${number}e${power}`;
  return number + (decimalSuffixes[(power - nano) / 3] ?? '');
}

/** Divides away digits below `finest`, away from zero. */
function roundUp(magnitude: bigint, exponent: number, finest: number): [bigint, number] {
  if (exponent >= finest) return [magnitude, exponent];
  const dropped = finest - exponent;
  if (dropped > magnitude.toString().length) return [1n, finest];
  const divisor = 10n ** BigInt(dropped);
  const rest = magnitude % divisor === 0n ? 0n : 1n;
  return [magnitude / divisor + rest, finest];
}

/** Both positive or zero. Compares lengths first, so that `1e2000000000` costs nothing. */
export function compareMagnitudes(a: bigint, aExponent: number, b: bigint, bExponent: number): number {
  if (aExponent === bExponent) return a === b ? 0 : a < b ? -1 : 1;
  if (a === 0n || b === 0n) return a === b ? 0 : a === 0n ? -1 : 1;
  const reach = a.toString().length + aExponent - (b.toString().length + bExponent);
  if (reach !== 0) return Math.sign(reach);
  const least = Math.min(aExponent, bExponent);
  const left = a * 10n ** BigInt(aExponent - least);
  const right = b * 10n ** BigInt(bExponent - least);
  return left === right ? 0 : left < right ? -1 : 1;
}
