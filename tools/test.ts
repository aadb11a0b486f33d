/** `npm test`: every check that needs no node, a progress line for each, and `N passed, N failed` as the last line. */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { runStep, type Result } from './test-run/run-step.ts';
import { steps, type Step } from './test-run/steps.ts';

const help = `Usage: npm test -- [--only STEP[,STEP…]]

Runs, each whatever became of the one before:
${steps.map(({ name, title }) => `  ${name.padEnd(14)} ${title}`).join('\n')}

A gate such as lint counts as one test. A skipped test counts as failed. Exit code 0 when nothing failed.
`;

const write = (text: string): void => void process.stdout.write(text);

// The steps are ended by the exit handler, which a signal alone would not run.
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));

process.exitCode = await main();

async function main(): Promise<number> {
  let only: readonly string[];
  try {
    const { values } = parseArgs({
      options: { only: { type: 'string', multiple: true, default: [] }, help: { type: 'boolean', default: false } },
    });
    if (values.help) {
      write(help);
      return 0;
    }
    only = values.only.flatMap((names) => names.split(','));
  } catch (error) {
    return usage(error instanceof Error ? error.message : String(error));
  }
  const unknown = only.filter((name) => !steps.some((step) => step.name === name));
  if (unknown.length > 0) return usage(`--only: no step ${unknown.join(', ')}`);
  return run(only.length === 0 ? steps : steps.filter(({ name }) => only.includes(name)));
}

function usage(fault: string): number {
  process.stderr.write(`${fault}\n\n${help}`);
  return 2;
}

async function run(chosen: readonly Step[]): Promise<number> {
  const root = path.resolve(import.meta.dirname, '..');
  const results: Result[] = [];
  for (const [index, step] of chosen.entries()) {
    write(`\n[${index + 1}/${chosen.length}] ${step.name}: ${step.title}\n`);
    const result = await runStep(step, { root, write });
    results.push(result);
    write(`${line(result)}\n`);
  }
  write(`\n${results.map(line).join('\n')}\n`);
  const sum = (of: 'passed' | 'failed'): number => results.reduce((total, result) => total + result[of], 0);
  write(`${sum('passed')} passed, ${sum('failed')} failed\n`);
  return sum('failed') > 0 ? 1 : 0;
}

function line({ name, passed, failed, seconds, note }: Result): string {
  const mark = failed > 0 ? '✘' : '✔';
  return `${mark} ${name.padEnd(14)} ${passed} passed, ${failed} failed, ${seconds} s${note === undefined ? '' : ` (${note})`}`;
}
