/** What deciding needs besides the request. */
import type { Facts } from './facts.ts';
import type { Route } from './respond.ts';
import type { Rule } from './rule.ts';

export interface DecideContext {
  readonly now: Date;
  readonly facts: Facts;
  /** Both routes complete, run schema and rules alike; `mutate` does not tell the plan. Absent: everything. */
  readonly mode?: Route;
  /** Told of a rule that threw: to be counted and logged. The object itself is not passed on. */
  readonly onPanic?: (rule: string, error: unknown) => void;
  /** The table of rules; tests give another. */
  readonly rules?: readonly Rule[];
}
