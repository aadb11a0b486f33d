/**
 * A setting that the server does not know, or a value that it can't read, keeps it from starting. So both are judged
 * before they reach it, as its own reader would. Whatever this table can't be sure of passes.
 */
import { didYouMean } from '../../values/nearest.ts';
import {
  booleanSettings,
  enumSettings,
  fixedSettings,
  integerSettings,
  otherSettings,
  realSettings,
  stringSettings,
} from './settings.ts';

interface NumberRange {
  readonly whole: boolean;
  readonly unit: string;
  readonly least: number;
  readonly most: number;
}

const fixed: ReadonlySet<string> = new Set(fixedSettings);
const booleans: ReadonlySet<string> = new Set(booleanSettings);

const numbers: ReadonlyMap<string, NumberRange> = new Map(
  [integerSettings, realSettings].flatMap((list, index) =>
    list.map((entry): [string, NumberRange] => {
      const [name = '', rest = ''] = entry.split('=');
      const [unit = '-', least = '', most = ''] = rest.split(':');
      return [name, { whole: index === 0, unit, least: Number(least), most: Number(most) }];
    }),
  ),
);

const enums: ReadonlyMap<string, readonly string[]> = new Map(
  enumSettings.map((entry) => {
    const [name = '', values = ''] = entry.split('=');
    return [name, values.split(',').map((value) => value.replaceAll('_', ' '))];
  }),
);

const known: ReadonlySet<string> = new Set([
  ...fixed,
  ...booleans,
  ...numbers.keys(),
  ...enums.keys(),
  ...stringSettings,
  ...otherSettings,
]);

/** What is wrong with a setting, with the remedy; undefined when nothing is known against it. */
export function settingFault(name: string, value: string): string | undefined {
  const lower = name.toLowerCase();
  if (!/^[a-z_][a-z0-9_$]*(\.[a-z_][a-z0-9_$]*)?$/.test(lower))
    return 'not a name of a setting: letters, digits and _ only';
  // Settings of extensions: the server takes any name with a dot.
  if (lower.includes('.')) return undefined;
  if (!known.has(lower)) return `PostgreSQL has no such setting${didYouMean(lower, known)}`;
  if (fixed.has(lower)) return 'fixed when the server is built or initialized; remove it';
  const text = value.trim();
  if (booleans.has(lower)) return isBoolean(text) ? undefined : 'must be on or off';
  const range = numbers.get(lower);
  if (range !== undefined) return numberFault(text, range);
  const values = enums.get(lower);
  return values === undefined ? undefined : enumFault(text, values);
}

/** The server takes any beginning of these words that is not ambiguous. */
function isBoolean(text: string): boolean {
  const lower = text.toLowerCase();
  if (lower === '0' || lower === '1') return true;
  return (
    lower !== '' && lower !== 'o' && ['on', 'off', 'true', 'false', 'yes', 'no'].some((word) => word.startsWith(lower))
  );
}

/** Accepted by the server though it does not list them. */
const unlisted = new Set(['debug', 'info', 'fatal', 'panic', 'archive', 'hot_standby', 'replica', 'logical']);

function enumFault(text: string, values: readonly string[]): string | undefined {
  const plain = (word: string): string => word.toLowerCase().replaceAll('_', ' ');
  if (values.some((value) => plain(value) === plain(text)) || isBoolean(text) || unlisted.has(text.toLowerCase())) {
    return undefined;
  }
  const named = values.filter((value) => value !== '').map((value) => JSON.stringify(value.replaceAll(' ', '_')));
  return `must be one of ${named.join(', ')}`;
}

/** Bytes and microseconds. */
const memoryUnits: Readonly<Record<string, number>> = { B: 1, kB: 1024, MB: 1024 ** 2, GB: 1024 ** 3, TB: 1024 ** 4 };
const timeUnits: Readonly<Record<string, number>> = {
  us: 1,
  ms: 1e3,
  s: 1e6,
  min: 6e7,
  h: 3.6e9,
  d: 8.64e10,
};

const numberForm =
  /^([+-]?(?:0x[0-9a-f]+(?![0-9a-f])|[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?|\.[0-9]+(?:e[+-]?[0-9]+)?|[0-9]+\.))\s*([A-Za-z]*)$/i;

function numberFault(text: string, range: NumberRange): string | undefined {
  const [, digits, unit = ''] = numberForm.exec(text) ?? [];
  if (digits === undefined) return range.unit === '-' ? 'must be a number' : `must be a number${example(range.unit)}`;
  const scale = unit === '' ? 1 : factor(unit, range.unit);
  if (scale === undefined) {
    return range.unit === '-' ? 'must be a number without a unit' : `must be a number${example(range.unit)}`;
  }
  // As strtol reads it: a zero in front means octal, for file modes.
  const number = range.whole && /^0[0-7]+$/.test(digits) ? parseInt(digits, 8) : Number(digits);
  const amount = range.whole ? Math.round(number * scale) : number * scale;
  if (amount >= range.least && amount <= range.most) return undefined;
  return `must be from ${range.least} to ${range.most}${range.unit === '-' ? '' : ` (in units of ${range.unit})`}`;
}

const example = (unit: string): string =>
  baseOf(unit, memoryUnits) === undefined
    ? ` with or without a unit of time (${Object.keys(timeUnits).join(', ')})`
    : ` with or without a unit of memory (${Object.keys(memoryUnits).join(', ')})`;

/** `8kB` → 8192. */
function baseOf(unit: string, units: Readonly<Record<string, number>>): number | undefined {
  const [, count = '', name = ''] = /^([0-9]*)([A-Za-z]+)$/.exec(unit) ?? [];
  const size = Object.hasOwn(units, name) ? units[name] : undefined;
  return size === undefined ? undefined : size * Number(count === '' ? '1' : count);
}

/** How many of the setting's own units one written unit is; undefined when it is of another kind. Case counts. */
function factor(written: string, own: string): number | undefined {
  for (const units of [memoryUnits, timeUnits]) {
    const from = Object.hasOwn(units, written) ? units[written] : undefined;
    const to = baseOf(own, units);
    if (from !== undefined && to !== undefined) return from / to;
  }
  return undefined;
}
