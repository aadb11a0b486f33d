/** The results side by side. */
import type { ScaleResult } from './run.ts';

interface Row {
  readonly title: string;
  readonly value: (result: ScaleResult) => number | undefined;
}

const sum = (record: Readonly<Record<string, number>>): number =>
  Number(
    Object.values(record)
      .reduce((total, one) => total + one, 0)
      .toFixed(2),
  );

const rows: readonly Row[] = [
  { title: 'created, s', value: ({ createSeconds }) => createSeconds },
  { title: 'made true, s', value: ({ settledSeconds }) => settledSeconds },
  { title: 'requests for each', value: ({ requestsPerDatabase }) => sum(requestsPerDatabase) },
  { title: 'CPU of it, s', value: ({ contender, cpuSeconds }) => cpuSeconds[contender] },
  { title: 'CPU of API server and etcd, s', value: ({ contender, cpuSeconds }) => serversOf(contender, cpuSeconds) },
  { title: 'create p50, ms', value: ({ createLatency }) => createLatency.p50 },
  { title: 'create p99, ms', value: ({ createLatency }) => createLatency.p99 },
  { title: 'resident after it, MiB', value: ({ memoryAfterCreation }) => memoryAfterCreation.residentMiB },
  { title: 'restart to idle, s', value: ({ restart }) => restart.idleAfterSeconds },
  { title: 'edit meanwhile, s', value: ({ restart }) => restart.editSeconds },
  { title: 'writes of a restart', value: ({ restart }) => restart.writes },
  { title: 'update meanwhile p50, ms', value: ({ restart }) => restart.admission.p50 },
  { title: 'update meanwhile p99, ms', value: ({ restart }) => restart.admission.p99 },
  { title: 'resident when idle, MiB', value: ({ idle }) => idle.memory.residentMiB },
  { title: 'of it anonymous, MiB', value: ({ idle }) => idle.memory.anonymousMiB },
  { title: 'most in its cgroup, MiB', value: ({ idle }) => idle.memory.cgroup?.mostMiB },
  { title: 'killed for memory', value: ({ idle }) => idle.memory.cgroup?.killed },
  { title: 'idle CPU, % of a core', value: ({ idle }) => idle.cpuPercent },
  { title: 'idle writes', value: ({ idle }) => idle.writes },
];

const serversOf = (contender: string, seconds: Readonly<Record<string, number>>): number =>
  sum(Object.fromEntries(Object.entries(seconds).filter(([name]) => name !== contender)));

/** The last column is the first divided by the second. */
export function tableOf(results: readonly ScaleResult[]): readonly string[] {
  const [ours, peer] = results;
  const cell = (value: number | undefined): string => (value === undefined ? '-' : String(value)).padStart(18);
  const head = ['', ...results.map(({ contender }) => contender), ...(peer ? ['ratio'] : [])];
  const lines = rows.map(({ title, value }) => {
    const values = results.map((result) => cell(value(result)));
    const [one, two] = [ours && value(ours), peer && value(peer)];
    const ratio = one === undefined || two === undefined || two === 0 ? undefined : Number((one / two).toFixed(2));
    return [title.padEnd(32), ...values, ...(peer ? [cell(ratio)] : [])].join('');
  });
  const title = [head[0]?.padEnd(32), ...head.slice(1).map((name) => name.padStart(18))].join('');
  return [title, ...lines];
}
