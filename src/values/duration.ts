/**
 * Durations as four different readers take them: Go (`@every`, most of Kubernetes), Prometheus (scrape intervals),
 * `config.queryTimeout` and `backup.retention`. Each has its own grammar; none accepts another's by accident.
 */
import { remembered } from './remembered.ts';
import { quoteBytes } from './go-text.ts';

export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: string };

const ok = <T>(value: T): Parsed<T> => ({ ok: true, value });
const no = (error: string): { ok: false; error: string } => ({ ok: false, error });

const goUnits: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1_000n],
  ['\u00b5s', 1_000n],
  ['\u03bcs', 1_000n],
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['m', 60_000_000_000n],
  ['h', 3_600_000_000_000n],
]);
const limit = 2n ** 63n;

/** time.ParseDuration: nanoseconds. Errors are Go's own texts. */
export function parseGoDuration(text: string): Parsed<bigint> {
  const fault = (why: string): { ok: false; error: string } => no(`time: ${why} ${quoteBytes(text)}`);
  let rest = text.replace(/^[+-]/, '');
  if (rest === '0') return ok(0n);
  if (rest === '') return fault('invalid duration');
  let total = 0n;
  while (rest !== '') {
    const term = parseTerm(rest);
    if ('fault' in term) return fault(term.fault);
    total += term.nanoseconds;
    if (total > limit) return fault('invalid duration');
    rest = rest.slice(term.length);
  }
  if (text.startsWith('-')) return ok(-total);
  return total === limit ? fault('invalid duration') : ok(total);
}

type Term = { readonly nanoseconds: bigint; readonly length: number } | { readonly fault: string };

/** The number and unit at the beginning of `text`. */
function parseTerm(text: string): Term {
  const [written = '', whole = '', fraction = ''] = /^([0-9]*)(?:\.([0-9]*))?/.exec(text) ?? [];
  if ((whole === '' && fraction === '') || exceeds(whole, limit)) return { fault: 'invalid duration' };
  const name = /^[^.0-9]*/.exec(text.slice(written.length))?.[0] ?? '';
  if (name === '') return { fault: 'missing unit in duration' };
  const unit = goUnits.get(name);
  if (unit === undefined) return { fault: `unknown unit ${quoteBytes(name)} in duration` };
  const value = BigInt(whole || '0');
  if (value > limit / unit) return { fault: 'invalid duration' };
  const nanoseconds = value * unit + fractionOf(fraction, unit);
  return nanoseconds > limit ? { fault: 'invalid duration' } : { nanoseconds, length: written.length + name.length };
}

const exceeds = (digits: string, most: bigint): boolean => {
  const significant = digits.replace(/^0+/, '');
  return significant.length > 19 || BigInt(significant || '0') > most;
};

/** In floating point, as Go does it: digits that no longer fit 63 bits are ignored. */
function fractionOf(digits: string, unit: bigint): bigint {
  let value = 0n;
  let scale = 1;
  for (const digit of digits.slice(0, 400)) {
    if (value > (limit - 1n) / 10n) break;
    const next = value * 10n + BigInt(digit);
    if (next > limit) break;
    value = next;
    scale *= 10;
  }
  return value === 0n ? 0n : BigInt(Math.trunc(Number(value) * (Number(unit) / scale)));
}

const prometheusForm =
  /^(?:([0-9]+)y)?(?:([0-9]+)w)?(?:([0-9]+)d)?(?:([0-9]+)h)?(?:([0-9]+)m)?(?:([0-9]+)s)?(?:([0-9]+)ms)?$/;
const prometheusUnits = [365 * 86_400_000, 7 * 86_400_000, 86_400_000, 3_600_000, 60_000, 1_000, 1];

/** Prometheus' grammar (`30s`, `1h30m`, `1d`; units in falling order, no fractions): milliseconds. */
export const parsePrometheusDuration = remembered((text): Parsed<number> => {
  const match = prometheusForm.exec(text);
  if (text !== '0' && (text === '' || match === null)) {
    return no('must be a Prometheus duration such as 30s, 1m or 1h30m');
  }
  const milliseconds = (match ?? [])
    .slice(1)
    .reduce(
      (sum, amount, index) => sum + Number((amount as string | undefined) ?? 0) * (prometheusUnits[index] ?? 0),
      0,
    );
  return milliseconds > 9_223_372_036_854 ? no('the duration is longer than 292 years') : ok(milliseconds);
});

/** The units that our own fields take; the larger ones are whole days, weeks and 365 days. */
const ownUnits: ReadonlyMap<string, bigint> = new Map([
  ...goUnits,
  ['d', 86_400_000_000_000n],
  ['w', 7n * 86_400_000_000_000n],
  ['y', 365n * 86_400_000_000_000n],
]);

/**
 * Durations of our own fields (`maintenanceWindow.duration`, `rotation.interval`, `expiresAfter`…): Go's form without a
 * sign, with `d`, `w` and `y` besides; a bare number only when it is 0. Milliseconds, rounded down.
 */
export const parseDuration = remembered((text): Parsed<number> => {
  if (text === '0') return ok(0);
  const help = no('must be a number and a unit (ms, s, m, h, d, w, y), such as 30s, 12h or 30d');
  if (text.length > 64 || !/^(?:[0-9]+(?:[.][0-9]+)?[a-z\u00b5\u03bc]+)+$/.test(text)) return help;
  let nanoseconds = 0n;
  for (const [, whole = '', fraction = '', name = ''] of text.matchAll(/([0-9]+)(?:[.]([0-9]+))?([^0-9.]+)/gy)) {
    const unit = ownUnits.get(name);
    if (unit === undefined) return help;
    nanoseconds += BigInt(whole) * unit + fractionOf(fraction, unit);
  }
  if (nanoseconds >= limit) return no('must be less than 292 years');
  return ok(Number(nanoseconds / 1_000_000n));
});

/**
 * `config.queryTimeout`: such a duration, or a bare number of seconds, as Kubernetes' own timeouts are; 0 switches the
 * limit off. Milliseconds.
 */
export function parseQueryTimeout(value: string | number): Parsed<number> {
  const text = String(value);
  const parsed = /^[0-9]{1,10}$/.test(text) ? ok(Number(text) * 1000) : parseDuration(text);
  if (!parsed.ok) return no('must be a duration such as 30s or 1m30s, or a whole number of seconds; 0 means no limit');
  if (parsed.value === 0 && /[1-9]/.test(text)) return no('must be 0 (no limit) or at least 1ms');
  // Engines keep it in 31 bits of milliseconds.
  return parsed.value > 2_147_483_647 ? no('must be at most 24 days (2147483s)') : parsed;
}

export type Retention =
  { readonly keep: 'age'; readonly seconds: number } | { readonly keep: 'count'; readonly count: number };

const retentionUnits: ReadonlyMap<string, number> = new Map([
  ['s', 1],
  ['m', 60],
  ['h', 3_600],
  ['d', 86_400],
  ['w', 7 * 86_400],
  ['y', 365 * 86_400],
]);

/** `backup.retention`: an age (`12h`, `30d`, `4w`, `1y`; `m` is minutes) or the whole number of backups that are kept. */
export const parseRetention = (value: string | number): Parsed<Retention> => retentionOf(String(value));

const retentionOf = remembered((text): Parsed<Retention> => {
  const help = 'must be an age such as 12h, 30d, 4w or 1y, or a whole number (1 or more) of backups to keep';
  const match = /^([1-9][0-9]{0,9})([a-z]?)$/.exec(text);
  if (match === null) return no(help);
  const amount = Number(match[1]);
  const unit = match[2] ?? '';
  if (unit === '') return ok({ keep: 'count', count: amount });
  const seconds = retentionUnits.get(unit);
  return seconds === undefined ? no(help) : ok({ keep: 'age', seconds: amount * seconds });
});
