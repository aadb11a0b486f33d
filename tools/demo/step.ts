/** One step of the tour: runs its command and judges what came of it. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Expectation, TourStep } from './tour.ts';

export interface Output {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Outcome {
  readonly step: TourStep;
  /** Standard output and error of the last try. */
  readonly output: string;
  /** What was not as it should be; undefined when all was. */
  readonly fault: string | undefined;
}

/** Words of a command line: by spaces, single quotes hold together. Throws on an open quote. */
export function words(command: string): readonly string[] {
  if ((command.match(/'/g)?.length ?? 0) % 2 === 1) throw new Error(`a quote is left open: ${command}`);
  return [...command.matchAll(/(?:'[^']*'|[^\s'])+/g)].map(([word]) => word.replaceAll("'", ''));
}

/** `run` takes the words after `kubectl`. */
export async function runTourStep(
  step: TourStep,
  run: (args: readonly string[]) => Promise<Output>,
  pollMs = 250,
): Promise<Outcome> {
  const [program, ...args] = words(step.command);
  if (program !== 'kubectl') throw new Error(`the tour runs kubectl only, not ${program ?? 'nothing'}`);
  const patience = 'withinSeconds' in step.expect ? (step.expect.withinSeconds ?? 0) * 1000 : 0;
  const end = Date.now() + patience;
  for (;;) {
    const result = await run(args);
    const output = `${result.stderr}${result.stdout}`;
    const fault = judge(step.expect, result.code, output);
    if (fault === undefined || Date.now() >= end) return { step, output, fault };
    await delay(pollMs);
  }
}

function judge(expect: Expectation, code: number, output: string): string | undefined {
  const refusal = 'refused' in expect;
  if (refusal && code === 0) return 'it should have been refused';
  if (!refusal && code !== 0) return `kubectl exited with ${code}`;
  const missing = (refusal ? expect.refused : expect.prints).filter((text) => !output.includes(text));
  return missing.length === 0 ? undefined : `not in the answer: ${missing.map((text) => text.trim()).join(', ')}`;
}
