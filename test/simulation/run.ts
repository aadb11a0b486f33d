/** `npm run simulate -- --seeds N [--seed S] [--scenario NAME] [--calm] [-v]`: plays scenarios and says which seed failed. */
import { parseArgs } from 'node:util';
import { scenarios } from './scenarios.ts';
import type { Scenario } from './scenarios.ts';
import { makeSimulation } from './simulation.ts';

const usage = `Usage: npm run simulate -- [--seeds N] [--seed S] [--scenario NAME] [--calm] [--verbose]

Runs the operator over a simulated API server. Each seed decides scenario, timing and faults, and can be played again.
  --seeds N        how many seeds, from --seed on (100)
  --seed S         the first seed (1)
  --scenario NAME  only this one: ${scenarios.map(({ name }) => name).join(', ')}
  --calm           without faults
  --verbose        with what the operator logged and every write, for the seeds that fail`;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    scenario: { type: 'string' },
    calm: { type: 'boolean', default: false },
    verbose: { type: 'boolean', short: 'v', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

const whole = (text: string, flag: string): number => {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  console.error(`--${flag} must be a whole number, not ${JSON.stringify(text)}\n\n${usage}`);
  process.exit(2);
};

async function play(scenario: Scenario, seed: number): Promise<string | undefined> {
  const simulation = makeSimulation(seed, { faults: !values.calm });
  try {
    await scenario.run(simulation);
    return undefined;
  } catch (error) {
    const broken = simulation.invariants.broken.map((what) => `\n  broken: ${what}`).join('');
    const told = error instanceof Error ? (error.stack ?? error.message) : String(error);
    if (values.verbose) {
      for (const { at, by, verb, resource, name, changed } of simulation.world.writes) {
        console.log(
          `${new Date(at).toISOString()} ${by} ${verb} ${resource.kind} ${name}${changed ? '' : ' (no change)'}`,
        );
      }
      for (const line of simulation.logs) console.log(`log: ${line}`);
    }
    const state = simulation.database('orders')?.status;
    return `${told}${broken}\n  after ${String(simulation.crashes)} crashes; status: ${JSON.stringify(state)}`;
  }
}

async function main(): Promise<number> {
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const chosen = scenarios.filter(({ name }) => values.scenario === undefined || name === values.scenario);
  if (chosen.length === 0) {
    console.error(`there is no scenario ${JSON.stringify(values.scenario)}\n\n${usage}`);
    return 2;
  }
  const [first, count] = [whole(values.seed, 'seed'), whole(values.seeds, 'seeds')];
  const startedAt = performance.now();
  let failed = 0;
  for (let n = 0; n < count; n++) {
    const seed = first + n;
    const scenario = chosen[seed % chosen.length] as Scenario;
    const failure = await play(scenario, seed);
    if (failure !== undefined) {
      failed++;
      console.log(`seed ${String(seed)} (${scenario.name}) failed: ${failure}`);
      console.log(
        `  again: npm run simulate -- --seeds 1 --seed ${String(seed)} --scenario ${scenario.name}${values.calm ? ' --calm' : ''} --verbose`,
      );
    }
    if ((n + 1) % 50 === 0) {
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
      console.log(`${String(n + 1)} of ${String(count)} seeds, ${String(failed)} failed, ${seconds} s`);
    }
  }
  console.log(`${String(count - failed)} passed, ${String(failed)} failed`);
  return failed === 0 ? 0 : 1;
}

process.exitCode = await main();
