/**
 * `npm run soak`: the operator under hours of change, vandalism and trouble. At each quiet point everything must come to
 * rest as it is wanted, and nothing may be written after that; memory and descriptors must not climb.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { randomOf, type Random } from '../../fuzz/random.ts';
import { repository, stopControlPlane } from '../../api/harness.ts';
import { figuresOf } from '../process-figures.ts';
import { nextAction, usual, type Action } from './actions.ts';
import { differences } from './expected.ts';
import { judge, type Reading, type Verdict } from './judge.ts';
import { contentOf, makeWorld, perform, type World } from './world.ts';

const help = `Usage: npm run soak -- [--hours 1] [--seed 1] [--databases 30] [--kills-from 0.6]

  --hours       how long, fractions allowed (default 1)
  --seed        of the sequence of actions (default 1)
  --databases   how many there are at most (default 30)
  --kills-from  from which part of the time on the operator is killed too (default 0.6): memory is judged before that

A control plane of its own, in a folder that is thrown away; results in bench/results/soak.json and soak.txt.
`;

const { values } = parseArgs({
  options: {
    hours: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
    databases: { type: 'string', default: '30' },
    'kills-from': { type: 'string', default: '0.6' },
    help: { type: 'boolean', default: false },
  },
});

const ACTIONS_BETWEEN_QUIET_POINTS = 40;
const REST_LIMIT_MS = 120_000;
const SILENCE_MS = 3_000;
const lines: string[] = [];
const say = (line: string): void => {
  lines.push(line);
  process.stdout.write(`${line}\n`);
};

interface Run {
  readonly world: World;
  readonly random: Random;
  readonly begin: number;
  readonly counts: Record<string, number>;
  readonly readings: Reading[];
  readonly verdicts: Verdict[];
  toldAt: number;
}

const secondsOf = ({ begin }: Run): number => (performance.now() - begin) / 1000;

async function main(): Promise<number> {
  const seconds = Number(values.hours) * 3600;
  say(
    `soak of ${values.hours} h with seed ${values.seed}: ${cpus().length} × ${cpus()[0]?.model ?? '?'}, Node ${process.version}`,
  );
  const world = await makeWorld();
  const run: Run = {
    world,
    random: randomOf(Number(values.seed)),
    begin: performance.now(),
    counts: {},
    readings: [],
    verdicts: [],
    toldAt: 0,
  };
  try {
    while (secondsOf(run) < seconds) await stretch(run, seconds);
    run.verdicts.push(...judge(run.readings, logsOf(world)));
  } finally {
    await world.operator.stop();
    world.client.close();
    await world.door.close();
    await stopControlPlane();
  }
  return report(run);
}

const logsOf = ({ oldLogs, operator }: World): string => [...oldLogs, operator.log()].join('\n');

/** Actions, then a quiet point. */
async function stretch(run: Run, seconds: number): Promise<void> {
  const kill = secondsOf(run) / seconds >= Number(values['kills-from']) ? usual.kill : 0;
  for (let count = 0; count < ACTIONS_BETWEEN_QUIET_POINTS && secondsOf(run) < seconds; count++) {
    const action = nextAction(run.random, [...run.world.wanted.keys()].sort(), Number(values.databases), {
      ...usual,
      kill,
    });
    run.counts[action.do] = (run.counts[action.do] ?? 0) + 1;
    await attempt(run, action);
    await delay(run.random.below(800));
    tell(run);
  }
  await quietPoint(run);
}

async function attempt(run: Run, action: Action): Promise<void> {
  try {
    await perform(run.world, action);
  } catch (error) {
    const text = `${JSON.stringify(action)}: ${error instanceof Error ? error.message : String(error)}`;
    run.verdicts.push({ what: `action ${text}`, passed: false });
    say(`✘ ${text}`);
  }
}

async function quietPoint(run: Run): Promise<void> {
  const began = performance.now();
  const faults = await rest(run);
  const seconds = (performance.now() - began) / 1000;
  const what = `quiet point ${run.verdicts.length + 1} after ${secondsOf(run).toFixed(0)} s`;
  run.verdicts.push({ what: [what, ...faults].join('; '), passed: faults.length === 0 });
  if (faults.length > 0) say(`✘ ${what}: not at rest after ${seconds.toFixed(0)} s: ${faults.join('; ')}`);
  run.readings.push({
    atSeconds: secondsOf(run),
    process: run.world.operator.pid,
    ...(await figuresOf(run.world.operator.pid)),
  });
}

/** What is still wrong when the limit is over: objects that differ, or writes that don't end. */
async function rest({ world }: Run): Promise<readonly string[]> {
  const end = performance.now() + REST_LIMIT_MS;
  for (;;) {
    await world.writes.next();
    await delay(SILENCE_MS);
    const writes = (await world.writes.next()).map(({ verb, requestURI }) => `still writes: ${verb} ${requestURI}`);
    const faults = [...differences(world.wanted, await contentOf(world)), ...writes];
    if (faults.length === 0 || performance.now() > end) return faults;
  }
}

function tell(run: Run): void {
  if (secondsOf(run) - run.toldAt < 30) return;
  run.toldAt = secondsOf(run);
  const last = run.readings.at(-1);
  const actions = Object.values(run.counts).reduce((sum, one) => sum + one, 0);
  const failed = run.verdicts.filter(({ passed }) => !passed).length;
  const memory =
    last === undefined
      ? ''
      : `, ${last.residentMiB} MiB (${last.anonymousMiB} anonymous), ${last.descriptors} descriptors`;
  say(`${run.toldAt.toFixed(0)} s: ${actions} actions, ${run.verdicts.length} verdicts, ${failed} failed${memory}`);
}

async function report(run: Run): Promise<number> {
  const failed = run.verdicts.filter(({ passed }) => !passed);
  for (const { what } of run.verdicts.filter(({ passed }) => passed).slice(-6)) say(`✔ ${what}`);
  for (const { what } of failed) say(`✘ ${what}`);
  say(`actions: ${JSON.stringify(run.counts)}`);
  say(`${run.verdicts.length - failed.length} passed, ${failed.length} failed`);
  const folder = path.join(repository, 'bench/results');
  await mkdir(folder, { recursive: true });
  const result = {
    machine: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}`,
    hours: Number(values.hours),
    seed: Number(values.seed),
    databases: Number(values.databases),
    actions: run.counts,
    passed: run.verdicts.length - failed.length,
    failed: failed.map(({ what }) => what),
    readings: run.readings,
  };
  await writeFile(path.join(folder, 'soak.json'), `${JSON.stringify(result, null, 2)}\n`);
  await writeFile(path.join(folder, 'soak.txt'), `${lines.join('\n')}\n`);
  return failed.length === 0 ? 0 : 1;
}

if (values.help) process.stdout.write(help);
else process.exitCode = await main();
