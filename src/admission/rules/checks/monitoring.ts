/** Scrape intervals, in Prometheus' own grammar. */
import { parsePrometheusDuration } from '../../../values/duration.ts';
import { invalid, warning } from '../../field.ts';
import type { Finding } from '../../finding.ts';

const least = 1_000;
const most = 3_600_000;
/** Prometheus looks back five minutes for a sample; two of them must lie within. */
const comfortable = 120_000;

export function intervalFault(field: string, interval: string | undefined): Finding | undefined {
  if (interval === undefined) return undefined;
  const parsed = parsePrometheusDuration(interval);
  if (!parsed.ok) return invalid(field, interval, parsed.error);
  if (parsed.value >= least && parsed.value <= most) return undefined;
  return invalid(field, interval, 'must be between 1s and 1h, such as 30s');
}

export function longInterval(field: string, interval: string | undefined): readonly Finding[] {
  if (interval === undefined || intervalFault(field, interval) !== undefined) return [];
  const parsed = parsePrometheusDuration(interval);
  if (!parsed.ok || parsed.value <= comfortable) return [];
  return [
    warning(
      field,
      `${interval} is long: Prometheus forgets a sample after 5m, so graphs have holes and alerts do not hold; use 2m or less`,
    ),
  ];
}
