/**
 * `npm run bench:idle`: what an operator costs that has nothing to do. A control plane of its own, Databases in it, and
 * then silence: requests from our user agent in the API server's audit log, resident memory and CPU time of the process.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { AuditEvent } from '../../tools/control-plane/audit.ts';
import {
  controlPlane,
  expectKubectl,
  installCrds,
  repository,
  stopControlPlane,
  uniqueNamespace,
} from '../api/harness.ts';
import { startTestOperator, type TestOperator } from '../api/operator.ts';

const help = `Usage: npm run bench:idle -- [--databases 50] [--minutes 10]

Starts a control plane and the operator, creates the Databases, waits until nothing happens any more, and then watches
for the given time. Fails (exit 1) when the operator writes or lists anything but its Lease in that time.
`;

const { values } = parseArgs({
  options: {
    databases: { type: 'string', default: '50' },
    minutes: { type: 'string', default: '10' },
    help: { type: 'boolean', default: false },
  },
});
const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function main(databases: number, minutes: number): Promise<number> {
  say('starting a control plane and the operator');
  await controlPlane();
  await installCrds();
  const operator = await startTestOperator(['--leader-elect'], 'dist/main.js');
  try {
    const created = await create(databases);
    say(`${databases} Databases created in ${created.toFixed(1)} s; waiting for silence`);
    const begin = performance.now();
    await silence();
    say(`silent ${((performance.now() - begin) / 1000).toFixed(1)} s later; watching for ${minutes} minutes`);
    return await watch(operator, databases, minutes);
  } finally {
    await operator.stop();
    await stopControlPlane();
  }
}

/** Seconds that creating them took. */
async function create(databases: number): Promise<number> {
  const namespace = await uniqueNamespace('idle');
  const items = Array.from({ length: databases }, (_, index) => ({
    apiVersion: 'example.com/v1',
    kind: 'Database',
    metadata: { name: `db-${index}`, namespace },
    spec: { engine: 'postgresql', version: '17', storage: { size: '1Gi' }, backup: { enabled: true } },
  }));
  const begin = performance.now();
  await expectKubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  return (performance.now() - begin) / 1000;
}

async function ours(since: string): Promise<readonly AuditEvent[]> {
  const events = await (await controlPlane()).auditEvents();
  return events.filter(
    ({ userAgent, requestReceivedTimestamp }) =>
      userAgent.startsWith('database-operator') && requestReceivedTimestamp > since,
  );
}

const isLease = ({ objectRef }: AuditEvent): boolean => objectRef?.resource === 'leases';
const isNoise = (event: AuditEvent): boolean => event.verb !== 'watch' && !isLease(event);

/** Until five seconds have passed without a request of ours that is neither a watch nor the Lease. */
async function silence(): Promise<void> {
  for (;;) {
    const since = new Date().toISOString();
    await delay(5_000);
    if (!(await ours(since)).some(isNoise)) return;
  }
}

async function watch(operator: TestOperator, databases: number, minutes: number): Promise<number> {
  const since = new Date().toISOString();
  const cpuBefore = await cpuSeconds(operator.pid);
  const memory: number[] = [];
  for (let second = 0; second < minutes * 60; second += 10) {
    await delay(10_000);
    memory.push(await residentMiB(operator.pid));
    if (process.stdout.isTTY) process.stdout.write(`\r${second + 10} s of ${minutes * 60}`);
  }
  const events = await ours(since);
  const noisy = events.filter(isNoise);
  const cpu = (await cpuSeconds(operator.pid)) - cpuBefore;
  const result = {
    machine: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}`,
    databases,
    minutes,
    readyAfterMs: operator.readyAfterMs,
    residentMiB: { first: memory[0], last: memory.at(-1), max: Math.max(...memory) },
    cpuPercentOfOneCore: Number(((cpu / (minutes * 60)) * 100).toFixed(2)),
    requests: {
      lease: events.filter(isLease).length,
      watch: events.filter(({ verb }) => verb === 'watch').length,
      other: noisy.length,
    },
  };
  say(`\n${JSON.stringify(result, null, 2)}`);
  for (const { verb, requestURI } of noisy.slice(0, 20)) say(`noise: ${verb} ${requestURI}`);
  const folder = path.join(repository, 'bench/results');
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'idle.json'), `${JSON.stringify(result, null, 2)}\n`);
  return noisy.length === 0 ? 0 : 1;
}

async function residentMiB(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(text)?.[1] ?? 0) / 1024);
}

/** User and system time of the process so far; clock ticks are 1/100 s on Linux. */
async function cpuSeconds(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

if (values.help) process.stdout.write(help);
else process.exitCode = await main(Number(values.databases), Number(values.minutes));
