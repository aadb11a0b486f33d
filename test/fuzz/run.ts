/**
 * `npm run fuzz:admission`: arbitrary and mutated reviews against admission, in this process. Every case has a seed of its
 * own, so that a finding can be played again alone.
 */
import { parseArgs } from 'node:util';
import { readCorpus } from './corpus.ts';
import { faultOf, ownTime } from './judge.ts';
import { caseOf } from './review.ts';

const help = `Usage: npm run fuzz:admission -- [--count 20000] [--seed 1] [--stop-after 20] [--show]

  --count       how many cases (default 20000)
  --seed        of the first case; the next one has the next (default 1)
  --stop-after  findings after which to stop (default 20)
  --show        print the review of each case
`;

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
    'stop-after': { type: 'string', default: '20' },
    show: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const write = (text: string): void => void process.stdout.write(text);

function main(first: number, count: number, stopAfter: number): number {
  const corpus = readCorpus();
  const begin = performance.now();
  let told = begin;
  let failed = 0;
  let done = 0;
  for (; done < count && failed < stopAfter; done++) {
    const seed = first + done;
    const given = caseOf(seed, corpus);
    if (values.show) write(`${Buffer.from(given.body).toString()}\n`);
    const fault = faultOf(given, ownTime);
    if (fault !== undefined) {
      failed++;
      write(`✘ seed ${seed}: ${fault}\n  again: npm run fuzz:admission -- --seed ${seed} --count 1 --show\n`);
    }
    if (performance.now() - told > 10_000) {
      told = performance.now();
      write(
        `${done + 1} of ${count}, ${Math.round((done + 1) / ((told - begin) / 1000))} a second, ${failed} failed\n`,
      );
    }
  }
  const seconds = (performance.now() - begin) / 1000;
  write(`${done} reviews from seed ${first} in ${seconds.toFixed(0)} s, Node ${process.version}\n`);
  write(`${done - failed} passed, ${failed} failed\n`);
  return failed > 0 ? 1 : 0;
}

if (values.help) write(help);
else process.exitCode = main(Number(values.seed), Number(values.count), Number(values['stop-after']));
