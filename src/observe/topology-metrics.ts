/** Changes of the primary, by engine: never by name, so that the number of series is bounded. */
import type { MetricFactory } from './metric-factory.ts';

export interface TopologyMetrics {
  /** `seconds` since the last primary was last heard of as taking writes; undefined: not known. */
  failedOver(engine: string, seconds: number | undefined): void;
  /** `seconds` between the end of writes on the old primary and their beginning on the new one. */
  switchedOver(engine: string, seconds: number): void;
}

const engines = ['postgresql', 'mysql', 'mariadb', 'mongodb', 'redis'];

export function topologyMetrics(make: MetricFactory): TopologyMetrics {
  const label = ['engine'];
  const failovers = make.counter(
    'database_operator_failovers_total',
    'Primaries that were promoted after a failure.',
    label,
  );
  const switchovers = make.counter('database_operator_switchovers_total', 'Planned changes of the primary.', label);
  const seconds = make.counter(
    'database_operator_seconds_without_primary_total',
    'Seconds in which Databases that had one had no primary that takes writes.',
    label,
  );
  for (const engine of engines) for (const counter of [failovers, switchovers, seconds]) counter.inc({ engine }, 0);
  return {
    failedOver: (engine, without) => {
      failovers.inc({ engine });
      if (without !== undefined) seconds.inc({ engine }, without);
    },
    switchedOver: (engine, without) => {
      switchovers.inc({ engine });
      seconds.inc({ engine }, without);
    },
  };
}
