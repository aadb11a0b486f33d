/** How long backups are kept, against how often they are made. */
import { longestGapSeconds, parseCron } from '../../../values/cron.ts';
import { parseRetention } from '../../../values/duration.ts';
import { invalid } from '../../field.ts';
import type { Finding } from '../../finding.ts';
import type { IntOrString } from './quantity.ts';

const longestInterval = 366 * 86_400;

export function retentionFault(field: string, retention: IntOrString | undefined): Finding | undefined {
  if (retention === undefined) return undefined;
  const parsed = parseRetention(retention);
  return parsed.ok ? undefined : invalid(field, retention, parsed.error);
}

/** A backup that is removed before the next one exists leaves a time without any. Speaks only of what the user wrote. */
export function retentionTooShort(
  field: string,
  retention: IntOrString | undefined,
  schedule: string,
): Finding | undefined {
  const parsed = retention === undefined ? undefined : parseRetention(retention);
  if (parsed?.ok !== true || parsed.value.keep !== 'age' || parsed.value.seconds > 8 * longestInterval)
    return undefined;
  const cron = parseCron(schedule);
  const gap = cron.ok ? longestGapSeconds(cron.schedule) : undefined;
  if (gap === undefined || parsed.value.seconds >= gap) return undefined;
  return invalid(
    field,
    retention,
    `is shorter than the longest pause of the schedule "${schedule}" (${inWords(gap)}): a backup would go before the next one exists; keep at least ${inWords(gap)}, or a number of backups such as 7`,
  );
}

const inWords = (seconds: number): string =>
  seconds > 86_400 ? `${Math.ceil(seconds / 86_400)}d` : `${Math.ceil(seconds / 3_600)}h`;
