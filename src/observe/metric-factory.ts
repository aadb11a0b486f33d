/** Makes metrics in one registry; nothing is registered globally. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** Seconds: from a webhook's sub-millisecond answer to a slow API call. */
export const latencyBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** Seconds of a pass of the loop, or in its queue. */
export const reconcileBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** A number that whoever holds it changes; it is read when the metrics are. */
export interface Cell {
  value: number;
}

/** The cell of these label values, in the order of the names; the same one each time. */
export type Cells = (labels: readonly string[]) => Cell;

export interface MetricFactory {
  counter(name: string, help: string, labelNames?: string[]): Counter;
  /** A counter, or a gauge, for what happens all day. */
  cells(kind: 'counter' | 'gauge', name: string, help: string, labelNames: string[]): Cells;
  gauge(name: string, help: string, labelNames?: string[], collect?: () => number): Gauge;
  histogram(name: string, help: string, labelNames: string[], buckets: number[]): Histogram;
}

export function metricFactory(registry: Registry): MetricFactory {
  const registers = [registry];
  return {
    counter: (name, help, labelNames = []) => new Counter({ name, help, labelNames, registers }),
    cells: (kind, name, help, labelNames) => cellsOf(kind, { name, help, labelNames, registers }),
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

type Labels = Readonly<Record<string, string>>;

/**
 * prom-client checks and hashes every label at each count, which takes as long as a rule or two. So numbers are kept aside
 * and brought over when the metrics are read.
 */
function cellsOf(
  kind: 'counter' | 'gauge',
  options: { name: string; help: string; labelNames: string[]; registers: Registry[] },
): Cells {
  const cells = new Map<string, Cell & { readonly labels: Labels; brought: number }>();
  const bringOver = (add: (labels: Labels, difference: number) => void): void => {
    for (const cell of cells.values()) {
      add(cell.labels, cell.value - cell.brought);
      cell.brought = cell.value;
    }
  };
  if (kind === 'counter') {
    const counter: Counter = new Counter({
      ...options,
      collect: () => bringOver((labels, by) => counter.inc(labels, by)),
    });
  } else {
    const gauge: Gauge = new Gauge({ ...options, collect: () => bringOver((labels, by) => gauge.inc(labels, by)) });
  }
  return (values) => {
    const key = values.join('\n');
    let cell = cells.get(key);
    if (cell === undefined) {
      const labels = Object.fromEntries(options.labelNames.map((name, index) => [name, values[index] ?? '']));
      cell = { value: 0, brought: 0, labels };
      cells.set(key, cell);
    }
    return cell;
  };
}
