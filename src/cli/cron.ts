/** `cron`: says whether Kubernetes takes a schedule, and when it would fire. */
import { firesEver, nextTimes, parseCron, type CronSchedule } from '../values/cron.ts';
import { isTimeZone, nearestTimeZone } from '../values/timezone.ts';
import { parseFlags } from './flags.ts';
import { exitOk, exitRefused, exitUsage, type CommandIo } from './io.ts';

const usage = `Usage: database-operator cron EXPR [FLAG…]

Says whether the CronJob API takes a schedule, and when it fires next.

  --after TIME       count from this moment, RFC 3339 (default: now)
  -n, --count N      how many times to print, 1 to 1000 (default: 5)
  --time-zone ZONE   IANA time zone in which the schedule is read (default: UTC)
  -o, --output FORM  table (default) or json
  -h, --help         print this

Times are printed in UTC. Exit code: 0 taken, 1 refused, 2 wrong usage.
`;

const table = { values: { after: '', count: 'n', 'time-zone': '', output: 'o' } };
const mostTimes = 1000;

interface Options {
  readonly expression: string;
  readonly after: Date;
  readonly count: number;
  readonly zone: string;
  readonly json: boolean;
}

/** The exit code. */
export function cliCron(args: readonly string[], io: CommandIo): Promise<number> {
  return Promise.resolve(run(args, io));
}

function run(args: readonly string[], io: CommandIo): number {
  const options = readOptions(args, io);
  if (options === 'help') {
    io.stdout(usage);
    return exitOk;
  }
  if (typeof options === 'string') {
    io.stderr(`${options}\n\n${usage}`);
    return exitUsage;
  }
  const error = zoneFault(options.zone);
  const parsed = error === undefined ? parseCron(options.expression) : { ok: false as const, error };
  return parsed.ok ? tellTimes(parsed.schedule, options, io) : tellError(parsed.error, options, io);
}

/** A string is what is wrong with the arguments. */
function readOptions(args: readonly string[], io: CommandIo): Options | string {
  const parsed = parseFlags(args, table);
  if (!parsed.ok) return parsed.error;
  if (parsed.help) return 'help';
  const [expression, ...more] = parsed.rest;
  if (expression === undefined) return 'a schedule is missing: write it as one argument, in quotes';
  if (more.length > 0) return 'too many arguments: write the schedule as one argument, in quotes';
  return readFlags(expression, (name) => parsed.flags.get(name)?.[0], io);
}

function readFlags(expression: string, flag: (name: string) => string | undefined, io: CommandIo): Options | string {
  const moment = flag('after');
  const after = moment === undefined ? io.now() : readTime(moment);
  if (after === undefined) return '--after must be a time such as 2026-01-31T12:00:00Z';
  const count = /^[0-9]{1,4}$/.test(flag('count') ?? '5') ? Number(flag('count') ?? 5) : 0;
  if (count < 1 || count > mostTimes) return `--count must be a whole number from 1 to ${mostTimes}`;
  const output = flag('output') ?? 'table';
  if (output !== 'table' && output !== 'json') return '--output must be table or json';
  return { expression, after, count, zone: flag('time-zone') ?? 'UTC', json: output === 'json' };
}

/** RFC 3339; undefined for anything else, also for days that do not exist. */
export function readTime(text: string): Date | undefined {
  const match = /^(\d{4}-\d\d-(\d\d))T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/.exec(
    text,
  );
  if (match === null) return undefined;
  const day = new Date(`${match[1] ?? ''}T00:00:00Z`);
  if (Number.isNaN(day.getTime()) || day.getUTCDate() !== Number(match[2])) return undefined;
  return new Date(text);
}

function zoneFault(zone: string): string | undefined {
  if (isTimeZone(zone)) return undefined;
  const nearest = nearestTimeZone(zone);
  return `unknown time zone ${zone}${nearest === undefined ? '' : `; did you mean ${nearest}?`}`;
}

const rfc3339 = (date: Date): string => date.toISOString().replace(/\.000Z$/, 'Z');

function tellTimes(schedule: CronSchedule, { after, count, zone, json }: Options, io: CommandIo): number {
  const next = nextTimes(schedule, after, count, zone).map(rfc3339);
  if (json) io.stdout(`${JSON.stringify({ ok: true, next })}\n`);
  else if (next.length > 0) io.stdout(`${next.join('\n')}\n`);
  if (!json && !firesEver(schedule)) io.stderr('Kubernetes takes this schedule, but it never fires.\n');
  return exitOk;
}

function tellError(error: string, { json }: Options, io: CommandIo): number {
  if (json) io.stdout(`${JSON.stringify({ ok: false, error })}\n`);
  else io.stderr(`${error}\n`);
  return exitRefused;
}
