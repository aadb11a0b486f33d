/** What nobody should write into a manifest, and what is nearly right: leaves for mutations to put anywhere. */
import type { Random } from './random.ts';

/** Text that stands in the JSON as it is, where no JavaScript value could: see `render`. */
export interface Raw {
  readonly raw: string;
}

const mark = '\u{10FFFD}raw:';

/** A stand-in that `render` replaces. */
export const raw = (text: string): string => `${mark}${text}`;

const marked = new RegExp(`"${mark}((?:[^"\\\\]|\\\\.)*)"`, 'gu');

/** JSON, with every `raw` in its own spelling. */
export function render(value: unknown): string {
  const json = JSON.stringify(value);
  return json.includes(mark) ? json.replace(marked, (_, text: string) => JSON.parse(`"${text}"`) as string) : json;
}

const numbers: readonly unknown[] = [
  0,
  -1,
  1,
  3,
  10,
  11,
  1.5,
  2 ** 31,
  2 ** 53 - 1,
  raw('9007199254740993'),
  raw('18446744073709551616'),
  raw('-0'),
  raw('1e400'),
  raw('-1e-400'),
  raw('1E2'),
  raw(`1${'0'.repeat(400)}`),
];

const words: readonly string[] = [
  '',
  ' ',
  'true',
  'null',
  '0',
  '-1',
  'x',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'a.b',
  'a[0]',
  'a~1/b',
  '\u0000',
  'a\nb',
  'tab\there',
  'esc\u001b[2J',
  '\ud800',
  'x\udfffy',
  '\ufeffx',
  '\u202egnp',
  'é'.normalize('NFD'),
  '😀',
  '"; DROP TABLE users; --',
  "'",
  '\\',
  '${jndi:ldap://x}',
  '%s%n',
  '$(reboot)',
  '<script>alert(1)</script>',
];

const quantities: readonly string[] =
  '1 10Gi 1K 1k 1e3 1E 1e+ 1.5Gi -1Gi 0 .5Gi 5. 1Ei 16Ti 17Ti 1n 1u 1m 1Kii 1 Gi +1Gi 00010Gi 9223372036854775807 9223372036854775808 99999999999999999999Gi 1e-30 1e999999999 0x10 NaN Infinity'.split(
    ' ',
  );
const schedules: readonly string[] = [
  '@daily',
  '@every 1h',
  '@every -1h',
  '@every 1e9h',
  '@yearly ',
  '* * * * *',
  '*/0 * * * *',
  '0 0 31 2 *',
  '0 0 29 2 *',
  '60 * * * *',
  '0-59/7 1-2,3-4 */3 JAN-DEC MON-FRI',
  '5-1 * * * *',
  '? ? ? ? ?',
  ', * * * *',
  '0 0 1 1 1 1',
  'TZ=Europe/Berlin 0 2 * * *',
  'CRON_TZ=x * * * * *',
  '4294967296 * * * *',
  '*/99999999999999999999 * * * *',
];
const versions: readonly string[] =
  '10 17 18 16.99 5.7 8.0 8.4.0 9 11.4 7.0 v17 17. .1 017 1.2.3.4 latest 99999999999999999999 1e3 17-alpine'.split(' ');
const others: readonly string[] = [
  '30d',
  '1w2d',
  '0s',
  '-5m',
  '1.5h',
  '9999999999999999h',
  '2026-02-30T00:00:00Z',
  '2026-11-20T12:00:00Z',
  '9999-12-31T23:59:59.999999999Z',
  'Europe/Berlin',
  'europe/berlin',
  'Local',
  '../etc/passwd',
  'postgres:17',
  'postgres:latest',
  'REG.example:99999/a//b@sha256:00',
  'mysql@sha256:' + '0'.repeat(64),
  'https://user:secret@s3.example.com',
  'http://[::1',
  'http://169.254.169.254/',
  's3://bucket',
  'postgresql',
  'Postgres',
  'mongodb',
  'pg_x',
  'template0',
  'root',
  'example.com/a',
  'Exists',
  'In',
];

/** A leaf, most of them short. */
export function leaf(random: Random): unknown {
  switch (random.below(9)) {
    case 0:
      return random.pick(numbers);
    case 1:
      return random.pick([true, false, null]);
    case 2:
      return random.pick(words);
    case 3:
      return random.pick(quantities);
    case 4:
      return random.pick(schedules);
    case 5:
      return random.pick(versions);
    case 6:
      return random.pick(others);
    case 7:
      return random.pick([{}, [], [null], [[]], { name: null }, { '': '' }]);
    default:
      return random.below(100);
  }
}

export const word = (random: Random): string => random.pick(random.pick([words, words, others]));

/** A long string of one theme: repetition is what makes a regular expression or a parser slow. */
export function longText(random: Random): string {
  const unit = random.pick([
    'a',
    '1',
    '9.',
    'a-',
    'a.b',
    '*/5,',
    '0-59,',
    ' ',
    '/',
    '%',
    '"',
    '\\',
    'é',
    '😀',
    '\n',
    ':',
    '1h',
    'Ki',
    '@',
    '=',
    '-',
  ]);
  const times = random.pick([60, 64, 300, 2000, 20_000]);
  return unit.repeat(times) + random.pick(['', '!', '\u0000', 'x']);
}

/** Objects or lists in one another, deeper than the wire allows every other time. */
export function nested(random: Random): unknown {
  let value: unknown = leaf(random);
  const depth = random.pick([3, 10, 60, 200, 240, 300]);
  const asList = random.chance(50);
  for (let level = 0; level < depth; level++) value = asList ? [value] : { a: value };
  return value;
}
