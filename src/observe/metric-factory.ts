/** Makes metrics in one registry; nothing is registered globally. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** Seconds: from a webhook's sub-millisecond answer to a slow API call. */
export const latencyBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** Seconds of a pass of the loop, or in its queue. */
export const reconcileBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Counts once, or `by`; label values in the order of the names. */
export type Tally = (labels: readonly string[], by?: number) => void;

export interface MetricFactory {
  counter(name: string, help: string, labelNames?: string[]): Counter;
  /** A counter for what happens all day. */
  tally(name: string, help: string, labelNames: string[]): Tally;
  gauge(name: string, help: string, labelNames?: string[], collect?: () => number): Gauge;
  histogram(name: string, help: string, labelNames: string[], buckets: number[]): Histogram;
}

export function metricFactory(registry: Registry): MetricFactory {
  const registers = [registry];
  return {
    counter: (name, help, labelNames = []) => new Counter({ name, help, labelNames, registers }),
    tally: (name, help, labelNames) => tallyOf({ name, help, labelNames, registers }),
    gauge: (name, help, labelNames = [], collect) =>
      new Gauge({
        name,
        help,
        labelNames,
        registers,
        ...(collect && {
          collect() {
            this.set(collect());
          },
        }),
      }),
    histogram: (name, help, labelNames, buckets) => new Histogram({ name, help, labelNames, buckets, registers }),
  };
}

/**
 * prom-client checks and hashes every label at each count, which takes as long as a rule or two. So counts are kept aside
 * and brought over when the metrics are read.
 */
function tallyOf(options: { name: string; help: string; labelNames: string[]; registers: Registry[] }): Tally {
  const counts = new Map<string, { readonly labels: Readonly<Record<string, string>>; count: number }>();
  new Counter({
    ...options,
    collect() {
      for (const { labels, count } of counts.values()) this.inc(labels, count);
      counts.clear();
    },
  });
  return (values, by = 1) => {
    const key = values.join('\n');
    const known = counts.get(key);
    if (known !== undefined) known.count += by;
    else {
      const labels = Object.fromEntries(options.labelNames.map((name, index) => [name, values[index] ?? '']));
      counts.set(key, { labels, count: by });
    }
  };
}
