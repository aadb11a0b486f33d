/**
 * Schedules exactly as the CronJob API takes them: robfig/cron's ParseStandard and the API's own refusal of a time zone
 * inside the schedule, with the same error texts. Odd but so: `*-5` is `*`, empty list items are dropped, 7 is no
 * weekday, and a star with step 1 still counts as a star when day of month and day of week are combined.
 */
import { remembered } from './remembered.ts';
import { parseGoDuration } from './duration.ts';
import { fields as splitFields, quote } from './go-text.ts';

export { next, nextTimes } from './cron-next.ts';
export { firesEver, longestGapSeconds, shortestGapSeconds } from './cron-gaps.ts';

export interface CronField {
  readonly values: ReadonlySet<number>;
  /** A star was written: then day of month and day of week must both match, else either does. */
  readonly star: boolean;
}

export interface FieldSchedule {
  readonly kind: 'fields';
  readonly minute: CronField;
  readonly hour: CronField;
  readonly dayOfMonth: CronField;
  readonly month: CronField;
  readonly dayOfWeek: CronField;
}

/** `@every`: whole seconds, at least one. */
export interface EverySchedule {
  readonly kind: 'every';
  readonly seconds: number;
}

export type CronSchedule = FieldSchedule | EverySchedule;

export type CronResult =
  { readonly ok: true; readonly schedule: CronSchedule } | { readonly ok: false; readonly error: string };

interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly names: readonly string[];
}

type Outcome<T> = { readonly value: T } | { readonly error: string };

const monthNames = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const dayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const minutes: Bounds = { min: 0, max: 59, names: [] };
const hours: Bounds = { min: 0, max: 23, names: [] };
const daysOfMonth: Bounds = { min: 1, max: 31, names: [] };
const months: Bounds = { min: 1, max: 12, names: monthNames };
const daysOfWeek: Bounds = { min: 0, max: 6, names: dayNames };

const descriptors: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

const zoneRefused = 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead';

/** Never throws; `error` is what the API server would say. */
export const parseCron: (text: string) => CronResult = remembered(parse);

function parse(text: string): CronResult {
  const wellFormed = text.toWellFormed();
  if (/^(CRON_)?TZ=/.test(wellFormed)) return { ok: false, error: zoneRefused };
  const result = parseStandard(wellFormed);
  return result.ok && wellFormed.includes('TZ') ? { ok: false, error: zoneRefused } : result;
}

function parseStandard(text: string): CronResult {
  if (text === '') return { ok: false, error: 'empty spec string' };
  if (text.startsWith('@')) return parseDescriptor(text);
  const parts = splitFields(text);
  if (parts.length !== 5) {
    return { ok: false, error: `expected exactly 5 fields, found ${parts.length}: [${parts.join(' ')}]` };
  }
  const parsed: CronField[] = [];
  for (const [index, bounds] of [minutes, hours, daysOfMonth, months, daysOfWeek].entries()) {
    const field = parseField(parts[index] ?? '', bounds);
    if ('error' in field) return { ok: false, error: field.error };
    parsed.push(field.value);
  }
  const [minute, hour, dayOfMonth, month, dayOfWeek] = parsed as [
    CronField,
    CronField,
    CronField,
    CronField,
    CronField,
  ];
  return { ok: true, schedule: { kind: 'fields', minute, hour, dayOfMonth, month, dayOfWeek } };
}

function parseDescriptor(text: string): CronResult {
  const known = Object.hasOwn(descriptors, text) ? descriptors[text] : undefined;
  if (known !== undefined) return parseStandard(known);
  if (!text.startsWith('@every ')) return { ok: false, error: `unrecognized descriptor: ${text}` };
  const duration = parseGoDuration(text.slice('@every '.length));
  if (!duration.ok) return { ok: false, error: `failed to parse duration ${text}: ${duration.error}` };
  return { ok: true, schedule: { kind: 'every', seconds: Math.max(1, Number(duration.value / 1_000_000_000n)) } };
}

function parseField(text: string, bounds: Bounds): Outcome<CronField> {
  const values = new Set<number>();
  let star = false;
  for (const part of text.split(',')) {
    if (part === '') continue;
    const range = parseRange(part, bounds);
    if ('error' in range) return range;
    for (const value of range.value.values) values.add(value);
    star ||= range.value.star;
  }
  return { value: { values, star } };
}

interface Range {
  readonly start: bigint;
  readonly end: bigint;
  readonly star: boolean;
  /** One value without a hyphen: with a step it means "from here to the end". */
  readonly single: boolean;
}

function parseRange(text: string, bounds: Bounds): Outcome<CronField> {
  const parts = text.split('/');
  const ends = parseEnds(text, parts[0] ?? '', bounds);
  if ('error' in ends) return ends;
  let { end, star } = ends.value;
  let step = 1n;
  if (parts.length > 2) return { error: `too many slashes: ${text}` };
  if (parts.length === 2) {
    const parsed = parseNumber(parts[1] ?? '');
    if ('error' in parsed) return parsed;
    step = parsed.value;
    if (ends.value.single) end = BigInt(bounds.max);
    if (step > 1n) star = false;
  }
  const { start } = ends.value;
  const fault = rangeFault(start, end, step, bounds);
  if (fault !== undefined) return { error: `${fault}: ${text}` };
  const values = new Set<number>();
  for (let value = start; value <= end; value += step) values.add(Number(value));
  return { value: { values, star } };
}

function parseEnds(text: string, range: string, bounds: Bounds): Outcome<Range> {
  const [low = '', high, ...more] = range.split('-');
  const single = high === undefined;
  if (low === '*' || low === '?') {
    return { value: { start: BigInt(bounds.min), end: BigInt(bounds.max), star: true, single } };
  }
  const start = parseNumberOrName(low, bounds);
  if ('error' in start) return start;
  if (single) return { value: { start: start.value, end: start.value, star: false, single } };
  if (more.length > 0) return { error: `too many hyphens: ${text}` };
  const end = parseNumberOrName(high, bounds);
  if ('error' in end) return end;
  return { value: { start: start.value, end: end.value, star: false, single } };
}

function rangeFault(start: bigint, end: bigint, step: bigint, bounds: Bounds): string | undefined {
  if (start < BigInt(bounds.min)) return `beginning of range (${start}) below minimum (${bounds.min})`;
  if (end > BigInt(bounds.max)) return `end of range (${end}) above maximum (${bounds.max})`;
  if (start > end) return `beginning of range (${start}) beyond end of range (${end})`;
  if (step === 0n) return 'step of range should be a positive number';
  return undefined;
}

function parseNumberOrName(text: string, bounds: Bounds): Outcome<bigint> {
  // Go lowers U+0130 to a plain i, JavaScript to two characters.
  const index = bounds.names.indexOf(text.replaceAll('\u0130', 'i').toLowerCase());
  return index < 0 ? parseNumber(text) : { value: BigInt(index + bounds.min) };
}

/** strconv.Atoi, then no negatives. */
function parseNumber(text: string): Outcome<bigint> {
  const failed = (why: string): Outcome<bigint> => ({
    error: `failed to parse int from ${text}: strconv.Atoi: parsing ${quote(text)}: ${why}`,
  });
  if (!/^[+-]?[0-9]+$/.test(text)) return failed('invalid syntax');
  const significant = text.replace(/^[+-]?0*/, '') || '0';
  const value = BigInt(significant.slice(0, 20)) * (text.startsWith('-') ? -1n : 1n);
  if (significant.length > 19 || BigInt.asIntN(64, value) !== value) return failed('value out of range');
  return value < 0n ? { error: `negative number (${value}) not allowed: ${text}` } : { value };
}
