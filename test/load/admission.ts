/**
 * `npm run bench:admission`: what an admission answer costs. Ours, as it ships, and the Go peer run side by side on one core
 * and are asked in turns from another: first as fast as they can answer, then at fixed rates. Medians over the rounds are
 * compared, and processor time for each answer, which other work on the machine disturbs least.
 */
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:https';
import { cpus, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createsPerSecond } from './api-server.ts';
import { atRate, saturate, type Measured } from './connections.ts';
import { reviewRequests } from './reviews.ts';
import { startOurs, startPeer, type Server } from './servers.ts';

const root = path.resolve(import.meta.dirname, '../..');
const help = `Usage: npm run bench:admission -- [--rounds 5] [--seconds 8] [--warmup 30] [--peer FOLDER] [--out FILE] [--no-api]

  --rounds   how often the servers take turns (default 5)
  --seconds  how long each measurement lasts (default 8)
  --warmup   seconds of full load before the first round (default 30: both are then as fast as they get)
  --peer     folder of a Go program "./peer CERT_DIR PORT" to measure beside ours (default ../shared/peers/go-webhook, if there)
  --out      raw data as JSON (default bench/results/admission.json)
  --no-api   without creates through a real API server
`;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '8' },
    warmup: { type: 'string', default: '30' },
    peer: { type: 'string', default: path.join(root, '../shared/peers/go-webhook') },
    out: { type: 'string', default: path.join(root, 'bench/results/admission.json') },
    'no-api': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

interface Sample {
  readonly server: string;
  readonly load: number;
  readonly perSecond: number;
  readonly microsecondsEach: number;
  readonly p50at500: number;
  readonly p99at500: number;
  readonly p99at200: number;
  /** The server's own histogram at 200/s: share within 5 ms; null when it has none. */
  readonly withinFiveMs: number | null;
  readonly failed: number;
  readonly generatorBusy: number;
  readonly residentMiB: number;
}

const connections = 16;
const write = (text: string): void => void process.stdout.write(text);

async function main(): Promise<void> {
  const scratch = await mkdtemp(path.join(tmpdir(), 'bench-admission-'));
  const servers: Server[] = [];
  try {
    const creates = values['no-api'] ? undefined : await createsPerSecond(write);
    const port = 20_000 + (process.pid % 5_000) * 2;
    servers.push(await startOurs(port, scratch));
    const peer = await startPeer(values.peer, port + 2, scratch);
    if (peer !== undefined) servers.push(peer);
    // The generator leaves the first core to the servers.
    spawnSync('taskset', ['-acp', cpus().length > 1 ? '1' : '0', String(process.pid)]);
    const samples = await measureAll(servers);
    report(samples);
    if (creates !== undefined) write(creates.text);
    const data = { machine: machine(), samples, creates: creates?.raw };
    await mkdir(path.dirname(values.out), { recursive: true });
    await writeFile(values.out, `${JSON.stringify(data, null, 2)}\n`);
    write(`raw data: ${path.relative(root, values.out)}\n`);
  } finally {
    for (const server of servers) server.stop();
    await rm(scratch, { recursive: true, force: true });
  }
}

async function measureAll(servers: readonly Server[]): Promise<readonly Sample[]> {
  const requests = reviewRequests();
  for (const { name, port } of servers) {
    write(`${name}: ${values.warmup} s of warm-up\n`);
    await saturate(port, requests, { connections, seconds: Number(values.warmup) });
  }
  const samples: Sample[] = [];
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const server of round % 2 === 0 ? servers : servers.toReversed()) {
      samples.push(await measure(server, requests));
      write(`round ${round + 1}: ${JSON.stringify(samples.at(-1))}\n`);
    }
  }
  return samples;
}

async function measure(server: Server, requests: readonly Buffer[]): Promise<Sample> {
  const seconds = Number(values.seconds);
  const spent = server.processorTime();
  const full = await saturate(server.port, requests, { connections, seconds });
  const microsecondsEach = ((server.processorTime() - spent) * 1e6) / full.answers;
  const fast = await atRate(server.port, requests, { rate: 500, seconds, connections: 25 });
  const before = await histogram(server);
  const slow = await atRate(server.port, requests, { rate: 200, seconds, connections: 25 });
  const after = await histogram(server);
  return {
    server: server.name,
    load: Number(loadavg()[0]?.toFixed(2)),
    perSecond: Math.round(full.answers / full.seconds),
    microsecondsEach: rounded(microsecondsEach),
    p50at500: rounded(quantile(fast, 0.5)),
    p99at500: rounded(quantile(fast, 0.99)),
    p99at200: rounded(quantile(slow, 0.99)),
    withinFiveMs: before && after ? rounded((after.within - before.within) / (after.all - before.all), 4) : null,
    failed: full.failed + fast.failed + slow.failed,
    generatorBusy: rounded(full.generatorBusy),
    residentMiB: server.residentMiB(),
  };
}

const rounded = (value: number, digits = 2): number => Number(value.toFixed(digits));

const quantile = ({ latencies }: Measured, q: number): number =>
  latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * q))] ?? Number.NaN;

/** Answers so far, and those within 5 ms, as the server itself counts them. */
async function histogram({ operationsPort }: Server): Promise<{ within: number; all: number } | undefined> {
  if (operationsPort === undefined) return undefined;
  const text = await new Promise<string>((resolve, reject) => {
    get({ host: '127.0.0.1', port: operationsPort, path: '/metrics', rejectUnauthorized: false }, (response) => {
      let all = '';
      response.on('data', (chunk: Buffer) => (all += chunk.toString()));
      response.on('end', () => resolve(all));
    }).on('error', reject);
  });
  const sum = (pattern: RegExp): number => [...text.matchAll(pattern)].reduce((n, match) => n + Number(match[1]), 0);
  return {
    within: sum(/^controller_runtime_webhook_latency_seconds_bucket\{[^}]*le="0\.005"[^}]*\} (\S+)$/gm),
    all: sum(/^controller_runtime_webhook_latency_seconds_count\{[^}]*\} (\S+)$/gm),
  };
}

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;

const machine = (): string =>
  `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}, load ${loadavg()[0]?.toFixed(1) ?? ''}`;

const columns = [
  ['requests/s', 'perSecond'],
  ['µs of CPU each', 'microsecondsEach'],
  ['p50 at 500/s', 'p50at500'],
  ['p99 at 500/s', 'p99at500'],
  ['p99 at 200/s', 'p99at200'],
  ['within 5 ms', 'withinFiveMs'],
  ['RSS MiB', 'residentMiB'],
  ['failed', 'failed'],
] as const;

function report(samples: readonly Sample[]): void {
  const names = [...new Set(samples.map(({ server }) => server))];
  const of = (name: string, key: (typeof columns)[number][1]): number =>
    median(samples.filter(({ server }) => server === name).map((sample) => sample[key] ?? Number.NaN));
  write(
    `\n${machine()}\none core each, ${connections} connections, TLS kept alive; medians of ${values.rounds} rounds\n`,
  );
  write(`${''.padEnd(16)}${names.map((name) => name.padStart(20)).join('')}${'ours/peer'.padStart(12)}\n`);
  for (const [title, key] of columns) {
    const [ours = Number.NaN, peer] = names.map((name) => of(name, key));
    const figures = names.map((name) => String(of(name, key)).replace('NaN', '-').padStart(20)).join('');
    const ratio = peer === undefined || Number.isNaN(peer) || peer === 0 ? '' : (ours / peer).toFixed(2);
    write(`${title.padEnd(16)}${figures}${ratio.padStart(12)}\n`);
  }
}

if (values.help) write(help);
else await main();
