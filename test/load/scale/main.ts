/**
 * `npm run bench:scale`: many Databases with everything that they become, under the container's memory limit, and the same
 * for an operator written in Go. Control planes of their own, one after the other, in folders that are thrown away.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { repository } from '../../api/harness.ts';
import { goPeer, ourselves } from './contenders.ts';
import { buildPeer } from './peer.ts';
import { measure, type ScaleResult } from './run.ts';
import { tableOf } from './table.ts';

const help = `Usage: npm run bench:scale -- [--databases 10000] [--made 300] [--limit 128] [--idle 60] [--pods] [--only ours|peer]

  --databases  how many (default 10000)
  --made       so many of them through the API server, the others as copies of the first in etcd (default 300)
  --limit      of memory, MiB, by a cgroup where one can be made (default 128)
  --idle       seconds to watch when all is done (default 60)
  --pods       make a pod and a claim of each, as the StatefulSet's controller would
  --only       one of both

Results in bench/results/scale.json and scale.txt, unless --keep=false.
`;

const { values } = parseArgs({
  options: {
    databases: { type: 'string', default: '10000' },
    made: { type: 'string', default: '300' },
    limit: { type: 'string', default: '128' },
    idle: { type: 'string', default: '60' },
    pods: { type: 'boolean', default: false },
    only: { type: 'string' },
    keep: { type: 'string', default: 'true' },
    help: { type: 'boolean', default: false },
  },
});

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function main(): Promise<number> {
  const contenders = [
    ...(values.only === 'peer' ? [] : [await ourselves()]),
    ...(values.only === 'ours' ? [] : [await goPeer(await buildPeer(say))]),
  ];
  const options = {
    databases: Number(values.databases),
    made: Math.min(Number(values.databases), Number(values.made)),
    limitMiB: Number(values.limit),
    idleSeconds: Number(values.idle),
    pods: values.pods,
    say,
  };
  const results: ScaleResult[] = [];
  for (const contender of contenders) {
    say(`${contender.name}: ${values.databases} Databases in ${values.limit} MiB`);
    results.push(await measure(contender, options));
  }
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}, load ${loadavg()[0]?.toFixed(1) ?? '?'}`;
  const what = `${values.databases} Databases${values.pods ? ' with pods and claims' : ''}, limit ${values.limit} MiB`;
  const lines = [machine, what, ...tableOf(results), ...results.map(requestsOf)];
  for (const line of lines) say(line);
  if (values.keep === 'true') await keep(lines, { machine, ...options, results });
  return results.every(({ survived, idle }) => survived && idle.writes === 0) ? 0 : 1;
}

const requestsOf = ({ contender, requestsPerDatabase }: ScaleResult): string =>
  `requests of ${contender} for each: ${Object.entries(requestsPerDatabase)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ')}`;

async function keep(lines: readonly string[], result: object): Promise<void> {
  const folder = path.join(repository, 'bench/results');
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'scale.txt'), `${lines.join('\n')}\n`);
  await writeFile(path.join(folder, 'scale.json'), `${JSON.stringify(result, null, 2)}\n`);
}

if (values.help) process.stdout.write(help);
else process.exitCode = await main();
