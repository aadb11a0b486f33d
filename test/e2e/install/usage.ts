/** What the kubelet counts for a pod: its memory, and how often its CPU limit held it back. */

export interface Usage {
  /** What the limit is held against: anonymous memory, and the file pages that are in use. MiB. */
  readonly workingSet: number;
  /** Anonymous memory, MiB. */
  readonly anonymous: number;
  /** Most memory since its start, page cache included, MiB. */
  readonly most: number;
  /** Seconds of CPU since its start. */
  readonly cpu: number;
  /** Periods of 100 ms in which it ran, and in how many of them it was stopped before the end. */
  readonly periods: number;
  readonly throttled: number;
  /** Seconds for which it was stopped. */
  readonly stopped: number;
  readonly outOfMemory: number;
}

const series: Readonly<Record<keyof Usage, string>> = {
  workingSet: 'container_memory_working_set_bytes',
  anonymous: 'container_memory_rss',
  most: 'container_memory_max_usage_bytes',
  cpu: 'container_cpu_usage_seconds_total',
  periods: 'container_cpu_cfs_periods_total',
  throttled: 'container_cpu_cfs_throttled_periods_total',
  stopped: 'container_cpu_cfs_throttled_seconds_total',
  outOfMemory: 'container_oom_events_total',
};
const inMiB: readonly string[] = ['workingSet', 'anonymous', 'most'];

const none: Usage = {
  workingSet: 0,
  anonymous: 0,
  most: 0,
  cpu: 0,
  periods: 0,
  throttled: 0,
  stopped: 0,
  outOfMemory: 0,
};

/** By pod, of the kubelet's `/metrics/cadvisor`: of whole pods, which every runtime has, and of which a container is a part. */
export function usageOf(exposition: string, namespace: string): ReadonlyMap<string, Usage> {
  const all = new Map<string, Usage>();
  const names = new Map(Object.entries(series).map(([field, name]) => [name, field]));
  for (const line of exposition.split('\n')) {
    const [, name = '', labels = '', value = ''] = /^(\w+)\{(.*)\} (\S+)/.exec(line) ?? [];
    const field = names.get(name);
    if (field === undefined || !has(labels, 'namespace', namespace) || !has(labels, 'container', '')) continue;
    const [, pod = ''] = /(?:^|,)pod="([^"]*)"/.exec(labels) ?? [];
    const number = Number(value) / (inMiB.includes(field) ? 1024 * 1024 : 1);
    all.set(pod, { ...(all.get(pod) ?? none), [field]: number });
  }
  return all;
}

const has = (labels: string, name: string, value: string): boolean => `,${labels}`.includes(`,${name}="${value}"`);

/** One line for people. */
export function describeUsage(usage: Usage): string {
  const { workingSet, anonymous, most, cpu, periods, throttled, stopped, outOfMemory } = usage;
  return [
    `working set ${workingSet.toFixed(0)} MiB`,
    `anonymous ${anonymous.toFixed(0)} MiB`,
    `most with page cache ${most.toFixed(0)} MiB`,
    `${cpu.toFixed(1)} s of CPU`,
    `throttled in ${throttled} of ${periods} periods, ${stopped.toFixed(1)} s`,
    `${outOfMemory} times out of memory`,
  ].join(', ');
}
