/** What the demo prints: each step as it happens, and the table at the end. */
import type { Outcome } from './step.ts';

const indent = (text: string, by: string): string =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => `${by}${line}`)
    .join('\n');

/** A step as a person would have seen it in a terminal. */
export function stepText({ step, output, fault }: Outcome, number: number): string {
  const verdict = fault === undefined ? '' : `\n    ✘ ${fault}`;
  return `${String(number).padStart(2)}. ${step.title}\n    $ ${step.command}\n${indent(output, '      ')}${verdict}\n`;
}

const columns = [46, 62] as const;
const cut = (text: string, width: number): string =>
  text.length > width ? `${text.slice(0, width - 1)}…` : text.padEnd(width);

/** One row a step: verdict, title, and the gist of the answer. */
export function table(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map(
    (outcome) =>
      `${outcome.fault === undefined ? '✔' : '✘'} ${cut(outcome.step.title, columns[0])}  ${cut(gist(outcome), columns[1]).trimEnd()}`,
  );
  return `  ${cut('what', columns[0])}  what came of it\n${rows.join('\n')}\n`;
}

function gist({ step, output, fault }: Outcome): string {
  if (fault !== undefined) return fault;
  if ('refused' in step.expect) return `refused: ${step.expect.refused.join(', ')}`;
  const lines = output.trim().split('\n');
  const said = lines.filter((line) => !line.startsWith('Warning'));
  const warnings = lines.length - said.length;
  const answer = said.length > 1 ? `${said.length} lines` : (said[0] ?? '').replaceAll(/\s+/g, ' ');
  return warnings === 0 ? answer : `${answer}, with ${warnings} warning${warnings === 1 ? '' : 's'}`;
}

export function farewell(kubeconfig: string, kubectlFolder: string | undefined, next: readonly string[]): string {
  const path = kubectlFolder === undefined ? '' : `\n  export PATH="${kubectlFolder}:$PATH"`;
  return `It stays up. In another terminal, in this folder:

  export KUBECONFIG=${kubeconfig}${path}

and try:

${next.map((command) => `  ${command}`).join('\n')}

Ctrl-C ends it and leaves nothing behind.
`;
}
