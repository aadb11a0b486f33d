/**
 * How far apart the runs of a schedule are. Counted in UTC over 28 years, after which weekdays and leap years repeat;
 * daylight saving and the leap day that 2100 leaves out are not counted.
 */
import type { CronSchedule, FieldSchedule } from './cron.ts';

const firstYear = 2000;
const years = 28;
const daySeconds = 86_400;
/** 1 January 2000 was a Saturday. */
const firstWeekday = 6;
/** Every month of the cycle: its number and its length. */
const calendar = Array.from({ length: 12 * years }, (_, index): readonly [month: number, length: number] => [
  (index % 12) + 1,
  new Date(Date.UTC(firstYear, index + 1, 0)).getUTCDate(),
]);

interface Gaps {
  readonly longest: number;
  readonly shortest: number;
}

/** False for schedules such as `0 3 31 2 *`, which Kubernetes takes and never runs. */
export const firesEver = (schedule: CronSchedule): boolean => gapsOf(schedule) !== undefined;

function hasDay(schedule: FieldSchedule): boolean {
  const { minute, hour, month, dayOfMonth, dayOfWeek } = schedule;
  if (minute.values.size === 0 || hour.values.size === 0 || month.values.size === 0) return false;
  const byMonth = [...month.values].some((m) => [...dayOfMonth.values].some((d) => d <= lengthOfMonth(m)));
  const byWeek = dayOfWeek.values.size > 0;
  return dayOfMonth.star || dayOfWeek.star ? byMonth && byWeek : byMonth || byWeek;
}

/** In a leap year; month 1 to 12. */
const lengthOfMonth = (month: number): number => calendar[month - 1]?.[1] ?? 0;

/** The longest wait between two runs, in seconds; undefined when it never fires. */
export const longestGapSeconds = (schedule: CronSchedule): number | undefined => gapsOf(schedule)?.longest;

/** The shortest wait between two runs, in seconds; undefined when it never fires. */
export const shortestGapSeconds = (schedule: CronSchedule): number | undefined => gapsOf(schedule)?.shortest;

const knownGaps = new WeakMap<FieldSchedule, Gaps | 'never'>();

function gapsOf(schedule: CronSchedule): Gaps | undefined {
  if (schedule.kind === 'every') return { longest: schedule.seconds, shortest: schedule.seconds };
  const gaps = knownGaps.get(schedule) ?? (hasDay(schedule) ? gapsOfFields(schedule) : 'never');
  knownGaps.set(schedule, gaps);
  return gaps === 'never' ? undefined : gaps;
}

function gapsOfFields(schedule: FieldSchedule): Gaps {
  const times = [...schedule.hour.values]
    .flatMap((hour) => [...schedule.minute.values].map((minute) => hour * 3600 + minute * 60))
    .sort((a, b) => a - b);
  const inDay = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  const betweenDays = dayGaps(schedule).map((gap) => gap * daySeconds - (times.at(-1) ?? 0) + (times[0] ?? 0));
  const all = [...inDay, ...betweenDays];
  return { longest: Math.max(...all), shortest: Math.min(...all) };
}

/** The different distances, in days, between days on which it fires; around the end of the cycle too. */
function dayGaps(schedule: FieldSchedule): number[] {
  const { dayOfMonth, month, dayOfWeek } = schedule;
  if (dayOfMonth.values.size === 31 && month.values.size === 12 && dayOfWeek.values.size === 7) return [1];
  const gaps = new Set<number>();
  let first: number | undefined;
  let last: number | undefined;
  let index = 0;
  for (const [month, length] of calendar) {
    const fires = schedule.month.values.has(month);
    for (let day = 1; day <= length; day += 1, index += 1) {
      if (!fires || !firesOn(schedule, day, (firstWeekday + index) % 7)) continue;
      if (last !== undefined) gaps.add(index - last);
      first ??= index;
      last = index;
    }
  }
  if (first !== undefined && last !== undefined) gaps.add(index - last + first);
  return [...gaps];
}

function firesOn({ dayOfMonth, dayOfWeek }: FieldSchedule, day: number, weekday: number): boolean {
  const byMonth = dayOfMonth.values.has(day);
  const byWeek = dayOfWeek.values.has(weekday);
  return dayOfMonth.star || dayOfWeek.star ? byMonth && byWeek : byMonth || byWeek;
}
