/** What is done with quantities once parsed: comparing, bytes, and help for a person who mistyped one. */
import { compareMagnitudes, parseQuantity, type Quantity } from './quantity.ts';
import { remembered } from './remembered.ts';

const absolute = (value: bigint): bigint => (value < 0n ? -value : value);

/** -1, 0 or 1. */
export const signOf = (quantity: Quantity): number => (quantity.unscaled === 0n ? 0 : quantity.unscaled < 0n ? -1 : 1);

/** Negative when `a` is less, 0 when both are the same amount however spelled. */
export function compareQuantities(a: Quantity, b: Quantity): number {
  const sign = signOf(a);
  if (sign !== signOf(b)) return sign - signOf(b);
  if (sign === 0) return 0;
  const [x, y] = sign > 0 ? [a, b] : [b, a];
  return compareMagnitudes(absolute(x.unscaled), x.exponent, absolute(y.unscaled), y.exponent);
}

/** Whole bytes, rounded away from zero; beyond 2^53-1 (8 PiB) it stays there. */
export function toBytes(quantity: Quantity): number {
  const sign = signOf(quantity);
  const magnitude = absolute(quantity.unscaled);
  const most = BigInt(Number.MAX_SAFE_INTEGER);
  if (compareMagnitudes(magnitude, quantity.exponent, most, 0) >= 0) return sign * Number.MAX_SAFE_INTEGER;
  if (quantity.exponent >= 0) return sign * Number(magnitude * 10n ** BigInt(quantity.exponent));
  if (magnitude === 0n) return 0;
  const divisor = 10n ** BigInt(-quantity.exponent);
  return sign * Number((magnitude + divisor - 1n) / divisor);
}

/** Bytes of an int-or-string field; undefined when it is absent or not a quantity. */
export function bytesOf(value: unknown): number | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  return bytesOfText(String(value)).bytes;
}

const bytesOfText = remembered((text): { readonly bytes?: number } => {
  const result = parseQuantity(text);
  return result.ok ? { bytes: toBytes(result.quantity) } : {};
});

/** Bytes in the largest binary unit that keeps them exact: 1536 MiB → `1536Mi`. Fractions are rounded up. */
export function formatBytes(bytes: number): string {
  const units = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi'];
  let amount = Math.ceil(bytes);
  let unit = 0;
  while (amount !== 0 && amount % 1024 === 0 && unit < units.length - 1) {
    amount /= 1024;
    unit += 1;
  }
  return `${amount}${units[unit] ?? ''}`;
}

const corrections: Readonly<Record<string, readonly string[]>> = {
  k: ['Ki', 'k'],
  m: ['Mi', 'M'],
  g: ['Gi', 'G'],
  t: ['Ti', 'T'],
  p: ['Pi', 'P'],
  e: ['Ei', 'E'],
};

/** For a string that is not a quantity: `did you mean 10Ki or 10k?`; undefined when nothing is near. */
export function quantityHint(text: string): string | undefined {
  const match = /^([+-]?[0-9]{0,20}(?:[.,][0-9]{0,20})?)([A-Za-z]{0,12})$/.exec(text.replace(/[\s_]/g, ''));
  const number = match?.[1]?.replace(',', '.') ?? '';
  if (!/[0-9]/.test(number)) return undefined;
  const unit = (match?.[2] ?? '')
    .toLowerCase()
    .replace(/(ib|b|ibytes?|bytes?)$/, (tail) => (tail[0] === 'i' ? 'i' : ''));
  const binary = unit.endsWith('i');
  const known = corrections[unit.replace(/i$/, '')] ?? (unit === '' ? [''] : []);
  const candidates = known
    .filter((candidate) => !binary || candidate.endsWith('i') || candidate === '')
    .map((candidate) => number + candidate)
    .filter((candidate) => candidate !== text && parseQuantity(candidate).ok);
  return candidates.length === 0 ? undefined : `did you mean ${candidates.join(' or ')}?`;
}
