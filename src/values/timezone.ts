/**
 * Time zones by membership in a shipped list, exact case: Kubernetes loads them by Go's rules, while Intl would take
 * `america/new_york`, `utc` and `+05:00` as well. Only offsets come from Intl.
 */
import { closest } from './nearest.ts';
import { timeZones } from './time-zones.generated.ts';

const known: ReadonlySet<string> = new Set(timeZones);

/** Milliseconds east of UTC at a moment (milliseconds since the epoch). */
export type ZoneOffset = (at: number) => number;

/** True for IANA names and links in their exact spelling: `Asia/Seoul`, `US/Pacific`, `UTC`. */
export const isTimeZone = (name: string): boolean => known.has(name);

/** The known zone that was probably meant; another case counts as nearest. */
export function nearestTimeZone(name: string): string | undefined {
  const lower = name.trim().replaceAll(' ', '_').toLowerCase();
  return timeZones.find((zone) => zone.toLowerCase() === lower) ?? closest(name, timeZones);
}

/** Undefined when there is no such zone. */
export function zoneOffset(name: string): ZoneOffset | undefined {
  if (!isTimeZone(name)) return undefined;
  const format = formatOf(name);
  if (format === undefined) return () => 0;
  return (at) => {
    const second = Math.floor(at / 1000) * 1000;
    const [month = 0, day = 0, year = 0, hour = 0, minute = 0, shown = 0] = (
      format.format(second).match(/\d+/g) ?? []
    ).map(Number);
    return Date.UTC(year, month - 1, day, hour, minute, shown) - second;
  };
}

/** Undefined for zones that are always UTC and for names that Intl lacks (`Factory`, which is UTC in Go). */
function formatOf(name: string): Intl.DateTimeFormat | undefined {
  if (name === 'UTC' || name === 'Etc/UTC') return undefined;
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    return undefined;
  }
}
