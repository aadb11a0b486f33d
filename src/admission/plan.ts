/**
 * The plan of an admitted change, as warnings: `kubectl apply --dry-run=server` is thereby a plan. It comes from the planner
 * that the loop executes, and stands before the warnings of rules, because it is what the person asked for.
 */
import type { Database } from '../api/types.generated.ts';
import { announce } from '../planning/announce.ts';
import type { Announcement } from '../planning/announce.ts';
import type { DecideContext } from './context.ts';
import type { Decision } from './decision.ts';
import type { Subject } from './evaluate.ts';
import { engineOf } from './rules/read.ts';
import { isSound } from './sound.ts';

const mostLines = 8;

/** Nothing on CREATE, for other kinds, and for engines that are not run. A planner that fails holds up nobody. */
export function withPlan(
  { kind, object, oldObject }: Subject,
  warnings: readonly string[],
  { now, onPanic }: DecideContext,
): Partial<Pick<Decision, 'plan' | 'warnings'>> {
  if (kind !== 'Database' || oldObject === undefined) return {};
  const [before, after] = [oldObject as Database, object as Database];
  const engine = engineOf(after);
  if (engine?.runtime === undefined) return {};
  if (![object, oldObject].every((each) => isSound(kind, each))) {
    return { warnings: ['plan: not known, since what is stored breaks the schema', ...warnings] };
  }
  try {
    const plan = announce({ before, after, engine }, now);
    return { plan, warnings: [...wordsOf(plan), ...warnings] };
  } catch (error) {
    onPanic?.('plan', error);
    return { warnings: ['plan: not known, by a fault of the operator', ...warnings] };
  }
}

/** The plan as it stands among the warnings. */
export function wordsOf({ summary, notes, lines }: Announcement): readonly string[] {
  const shown = lines.slice(0, mostLines).map((line, index) => `plan ${index + 1}: ${line}`);
  return [`plan: ${summary}`, ...notes.map((note) => `plan: ${note}`), ...shown];
}
