/** Steps as short lines, like ones together: a person reads six lines, not twenty. */
import type { Change } from './change.ts';
import type { Step } from './step.ts';

const mostNames = 4;

/** Empty for no steps. */
export function stepLines(steps: readonly Step[], { before }: Change): readonly string[] {
  const free = steps.filter(isFree);
  const isNew = (step: Step): boolean =>
    step.action === 'create' || (step.action === 'apply' && step.why.endsWith(' is missing'));
  const named = (verb: string, of: readonly Step[]): readonly string[] =>
    of.length === 0 ? [] : [`${verb} ${names(of)}`];
  const set = steps.filter(({ action, ref }) => ref.resource.kind === 'StatefulSet' && action === 'apply' && before);
  return [
    ...named('makes', free.filter(isNew)),
    ...steps
      .filter(({ impact }) => impact === 'reload')
      .map((step) => `changes ${nameOf(step)}: reloaded in running servers`),
    ...named(
      'changes',
      free.filter((step) => step.action === 'apply' && !isNew(step)),
    ),
    ...set.map((step) => `changes ${nameOf(step)}${step.why.endsWith(' changes') ? '' : `: ${step.why}`}`),
    ...named(
      'changes labels or owner of',
      free.filter((step) => step.action === 'patch'),
    ),
    ...named(
      'removes',
      free.filter(({ action }) => action === 'delete'),
    ),
    ...growths(steps),
    ...restarts(steps),
  ];

  function isFree(step: Step): boolean {
    const isSet = step.ref.resource.kind === 'StatefulSet' && before !== undefined;
    return step.impact === 'none' && step.action !== 'switchover' && !isSet && !step.why.startsWith('volume ');
  }
}

const nameOf = ({ ref }: Step): string => `${ref.resource.kind} ${ref.name}`;

function names(steps: readonly Step[]): string {
  const all = steps.map(nameOf);
  return all.length <= mostNames + 1
    ? all.join(', ')
    : `${all.slice(0, mostNames).join(', ')} and ${all.length - mostNames} more`;
}

function growths(steps: readonly Step[]): readonly string[] {
  const grown = steps.filter(({ why }) => why.startsWith('volume '));
  const sizes = new Map<string, string[]>();
  for (const { why, ref } of grown) {
    const size = why.slice(why.indexOf(' grows ') + ' grows '.length);
    sizes.set(size, [...(sizes.get(size) ?? []), ref.name]);
  }
  return [...sizes].map(([size, volumes]) => `grows ${volumes.join(', ')} ${size}`);
}

/** In their order: a switchover stands between the replicas' restarts and that of the former primary. */
function restarts(steps: readonly Step[]): readonly string[] {
  const lines: { kind: string; names: string[] }[] = [];
  for (const { action, impact, ref } of steps) {
    if (action !== 'restartPod' && action !== 'switchover') continue;
    const kind = action === 'switchover' ? action : impact;
    const last = lines.at(-1);
    if (last?.kind === kind) last.names.push(ref.name);
    else lines.push({ kind, names: [ref.name] });
  }
  return lines.map(({ kind, names }) => {
    const which = names.join(', then ');
    if (kind === 'switchover') return `switches over from ${which} once all others follow: writes pause for seconds`;
    if (kind === 'downtime') return `restarts ${which}: clients are cut off until it is back`;
    return `restarts ${which}: clients move to another server`;
  });
}
