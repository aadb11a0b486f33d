/** What the runs measured, summed up; raw as well, so that a figure in the documentation can be traced to its runs. */
import { writeFileSync } from 'node:fs';
import type { Trial } from './trial.ts';
import { distribution } from './writer/analysis.ts';

const trials: Trial[] = [];

export const record = (trial: Trial): void => void trials.push(trial);
export const recorded = (engine: string, event: string): readonly Trial[] =>
  trials.filter((trial) => trial.engine === engine && trial.event === event);

const seconds = (ms: number): string => (ms / 1000).toFixed(1);

/** A Markdown table of the time without an acknowledged write, in seconds. */
export function table(of: readonly Trial[] = trials): string {
  const groups = Map.groupBy(of, ({ engine, event }) => `${engine} | ${event}`);
  const rows = [...groups].map(([name, group]) => {
    const gaps = distribution(group.map(({ gapMs }) => gapMs));
    const lost = Math.max(...group.map((trial) => trial.lost));
    const figures = gaps ? [gaps.min, gaps.median, gaps.p90, gaps.max].map(seconds).join(' | ') : '';
    return `| ${name} | ${group.length} | ${figures} | ${lost} |`;
  });
  return [
    '| engine | event | runs | min | median | p90 | max | most lost |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

/** Prints the table; with `E2E_FIGURES=FILE` writes it there, followed by every run. */
export function report(): void {
  if (trials.length === 0) return;
  process.stderr.write(`\nSeconds without an acknowledged write:\n\n${table()}\n`);
  const file = process.env['E2E_FIGURES'] ?? '';
  if (file === '') return;
  const raw = trials.map((trial) => JSON.stringify(trial)).join('\n');
  writeFileSync(file, `${table()}\nEvery run:\n\n\`\`\`json\n${raw}\n\`\`\`\n`);
}
