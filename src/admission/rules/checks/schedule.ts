/** Schedules and time zones: exactly what a CronJob takes, no more and no less. */
import { firesEver, parseCron, shortestGapSeconds } from '../../../values/cron.ts';
import { isTimeZone, nearestTimeZone } from '../../../values/timezone.ts';
import { invalid, warning } from '../../field.ts';
import type { Finding } from '../../finding.ts';

/** The API server's own words, then what people usually meant. */
export function scheduleFault(field: string, schedule: string | undefined): Finding | undefined {
  if (schedule === undefined) return undefined;
  const parsed = parseCron(schedule);
  if (parsed.ok) return undefined;
  const hint = scheduleHint(schedule);
  return invalid(field, schedule, hint === undefined ? parsed.error : `${parsed.error}; ${hint}`);
}

function scheduleHint(schedule: string): string | undefined {
  const trimmed = schedule.trim();
  const candidates = [trimmed, trimmed.toLowerCase(), trimmed.replace(/7$/, '0'), trimmed.replace(/^\S+\s+/, '')];
  const meant = candidates.find((candidate) => candidate !== schedule && parseCron(candidate).ok);
  // The API server's own words name the remedy.
  if (schedule.includes('TZ')) return undefined;
  if (meant !== undefined) return `did you mean "${meant}"?`;
  return 'write minute, hour, day of month, month and day of week (0-6, Sunday is 0), such as "0 2 * * *", or @daily, or "@every 6h"';
}

/** Kubernetes takes `0 3 31 2 *` and never runs it. */
export function neverFires(field: string, schedule: string | undefined): readonly Finding[] {
  const parsed = schedule === undefined ? undefined : parseCron(schedule);
  if (parsed?.ok !== true || firesEver(parsed.schedule)) return [];
  return [warning(field, `"${schedule ?? ''}" never fires: there is no such day; choose another day`)];
}

/** `leastSeconds`: below it one run meets the next. */
export function tooOften(field: string, schedule: string | undefined, leastSeconds: number): readonly Finding[] {
  const parsed = schedule === undefined ? undefined : parseCron(schedule);
  if (parsed?.ok !== true) return [];
  const gap = shortestGapSeconds(parsed.schedule);
  if (gap === undefined || gap >= leastSeconds) return [];
  return [
    warning(
      field,
      `runs ${gap % 60 === 0 ? `${gap / 60} min` : `${gap} s`} apart: while one still runs the next is skipped; leave ${leastSeconds / 60} min or more`,
    ),
  ];
}

/** Membership in the list of zones, case and all, as the API server does it. */
export function timeZoneFault(field: string, zone: string | undefined): Finding | undefined {
  if (zone === undefined || isTimeZone(zone)) return undefined;
  const nearest = nearestTimeZone(zone);
  const hint = nearest === undefined ? 'write an IANA name such as Europe/Berlin' : `did you mean "${nearest}"?`;
  return invalid(field, zone, `unknown time zone ${zone}; ${hint}`);
}
