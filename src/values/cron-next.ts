/**
 * When a schedule fires next, step for step as robfig/cron finds it, so that daylight saving changes come out the same:
 * an hour that is skipped is not made up for, an hour that comes twice fires twice, and a day whose midnight is missing
 * is still found.
 */
import { firesEver } from './cron-gaps.ts';
import type { CronSchedule, FieldSchedule } from './cron.ts';
import { zoneOffset, type ZoneOffset } from './timezone.ts';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
/** A schedule that does not fire within this many years is taken not to fire at all. */
const searchYears = 5;

/**
 * The first time after `after`; undefined when there is none within five years, or the zone does not exist.
 * `timeZone` is an IANA name; UTC when absent.
 */
export function next(schedule: CronSchedule, after: Date, timeZone = 'UTC'): Date | undefined {
  return nextTimes(schedule, after, 1, timeZone)[0];
}

/** Up to `count` times, fewer when the schedule stops firing. */
export function nextTimes(schedule: CronSchedule, after: Date, count: number, timeZone = 'UTC'): Date[] {
  // Searching five years for what can't come would take seconds.
  const offset = firesEver(schedule) ? zoneOffset(timeZone) : undefined;
  const times: Date[] = [];
  let from = Math.floor(after.getTime() / second) * second;
  while (offset !== undefined && times.length < count) {
    const found =
      schedule.kind === 'every' ? from + schedule.seconds * second : search(schedule, cursorAt(from + second, offset));
    const date = new Date(found ?? NaN);
    if (found === undefined || Number.isNaN(date.getTime())) break;
    times.push(date);
    from = found;
  }
  return times;
}

/** A moment, what the clock on the wall shows then, and whether anything was advanced yet. */
interface Cursor {
  at: number;
  /** Its UTC fields are the wall clock's. */
  local: Date;
  advanced: boolean;
  readonly offset: ZoneOffset;
}

const cursorAt = (at: number, offset: ZoneOffset): Cursor => ({
  at,
  local: new Date(at + offset(at)),
  advanced: false,
  offset,
});

function moveTo(cursor: Cursor, at: number): void {
  cursor.at = at;
  cursor.local = new Date(at + cursor.offset(at));
}

/** To the instant when the clock shows these fields; a time that is skipped or doubled becomes what Go makes of it. */
function moveToWall(cursor: Cursor, month: number, dayOfMonth: number, ofDay: number): void {
  const shown = Date.UTC(cursor.local.getUTCFullYear(), month, dayOfMonth) + ofDay;
  const first = cursor.offset(shown);
  moveTo(cursor, first === 0 ? shown : shown - cursor.offset(shown - first));
}

/** Before the first advance the smaller fields go back to their beginning. */
function begin(cursor: Cursor, rewind: () => void): void {
  if (!cursor.advanced) rewind();
  cursor.advanced = true;
}

const ofDay = (date: Date): number => date.getTime() - Math.floor(date.getTime() / day) * day;

function search(schedule: FieldSchedule, cursor: Cursor): number | undefined {
  const lastYear = cursor.local.getUTCFullYear() + searchYears;
  while (cursor.local.getUTCFullYear() <= lastYear) {
    if (
      toMonth(schedule, cursor) &&
      toDay(schedule, cursor) &&
      toHour(schedule, cursor) &&
      toMinute(schedule, cursor)
    ) {
      if (toSecond(cursor)) return cursor.at;
    }
  }
  return undefined;
}

// Each of these moves on until its field matches; false when a larger field changed, so that all are looked at again.

function toMonth(schedule: FieldSchedule, cursor: Cursor): boolean {
  while (!schedule.month.values.has(cursor.local.getUTCMonth() + 1)) {
    begin(cursor, () => moveToWall(cursor, cursor.local.getUTCMonth(), 1, 0));
    moveToWall(cursor, cursor.local.getUTCMonth() + 1, cursor.local.getUTCDate(), ofDay(cursor.local));
    if (cursor.local.getUTCMonth() === 0) return false;
  }
  return true;
}

function toDay(schedule: FieldSchedule, cursor: Cursor): boolean {
  while (!dayMatches(schedule, cursor.local)) {
    begin(cursor, () => moveToWall(cursor, cursor.local.getUTCMonth(), cursor.local.getUTCDate(), 0));
    const before = cursor.at;
    moveToWall(cursor, cursor.local.getUTCMonth(), cursor.local.getUTCDate() + 1, ofDay(cursor.local));
    const hours = cursor.local.getUTCHours();
    // Midnight is missing or came twice on this day.
    if (hours !== 0) moveTo(cursor, cursor.at + (hours > 12 ? 24 - hours : -hours) * hour);
    // A whole day can be missing (Samoa, 2011-12-30); robfig/cron never gets past it.
    if (cursor.at <= before) moveTo(cursor, before + day);
    if (cursor.local.getUTCDate() === 1) return false;
  }
  return true;
}

function dayMatches({ dayOfMonth, dayOfWeek }: FieldSchedule, local: Date): boolean {
  const byMonth = dayOfMonth.values.has(local.getUTCDate());
  const byWeek = dayOfWeek.values.has(local.getUTCDay());
  return dayOfMonth.star || dayOfWeek.star ? byMonth && byWeek : byMonth || byWeek;
}

function toHour(schedule: FieldSchedule, cursor: Cursor): boolean {
  while (!schedule.hour.values.has(cursor.local.getUTCHours())) {
    begin(cursor, () => {
      const { local } = cursor;
      moveToWall(cursor, local.getUTCMonth(), local.getUTCDate(), local.getUTCHours() * hour);
    });
    moveTo(cursor, cursor.at + hour);
    if (cursor.local.getUTCHours() === 0) return false;
  }
  return true;
}

function toMinute(schedule: FieldSchedule, cursor: Cursor): boolean {
  while (!schedule.minute.values.has(cursor.local.getUTCMinutes())) {
    begin(cursor, () => moveTo(cursor, Math.floor(cursor.at / minute) * minute));
    moveTo(cursor, cursor.at + minute);
    if (cursor.local.getUTCMinutes() === 0) return false;
  }
  return true;
}

/** Five-field schedules fire at second 0. */
function toSecond(cursor: Cursor): boolean {
  while (cursor.local.getUTCSeconds() !== 0) {
    cursor.advanced = true;
    moveTo(cursor, cursor.at + second);
    if (cursor.local.getUTCSeconds() === 0) return false;
  }
  return true;
}
